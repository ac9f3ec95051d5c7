package main

import (
	"context"
	"os"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

type nodeServer struct {
	csi.UnimplementedNodeServer
	disks *store
	node  string
}

func (n *nodeServer) NodeGetInfo(context.Context, *csi.NodeGetInfoRequest) (*csi.NodeGetInfoResponse, error) {
	return &csi.NodeGetInfoResponse{NodeId: n.node}, nil
}

func (*nodeServer) NodeGetCapabilities(context.Context, *csi.NodeGetCapabilitiesRequest) (*csi.NodeGetCapabilitiesResponse, error) {
	response := &csi.NodeGetCapabilitiesResponse{}
	for _, capability := range []csi.NodeServiceCapability_RPC_Type{
		csi.NodeServiceCapability_RPC_STAGE_UNSTAGE_VOLUME,
		csi.NodeServiceCapability_RPC_EXPAND_VOLUME,
		csi.NodeServiceCapability_RPC_GET_VOLUME_STATS,
	} {
		response.Capabilities = append(response.Capabilities, &csi.NodeServiceCapability{
			Type: &csi.NodeServiceCapability_Rpc{Rpc: &csi.NodeServiceCapability_RPC{Type: capability}},
		})
	}
	return response, nil
}

// NodeStageVolume mounts the volume once for all pods, and lets its file system take what there is: the image has more
// room when it was made from a smaller snapshot, or has grown meanwhile.
func (n *nodeServer) NodeStageVolume(_ context.Context, request *csi.NodeStageVolumeRequest) (*csi.NodeStageVolumeResponse, error) {
	id, target := request.GetVolumeId(), request.GetStagingTargetPath()
	if _, err := findVolume(n.disks, id); err != nil {
		return nil, err
	}
	if err := expectFileSystem(request.GetVolumeCapability()); err != nil {
		return nil, err
	}
	mounted, err := mountAt(target)
	if err != nil {
		return nil, err
	}
	if mounted == nil {
		if err := mountDisk(n.disks.volumeImage(id), target, request.GetVolumeCapability().GetMount().GetMountFlags()...); err != nil {
			return nil, err
		}
		if mounted, err = mountAt(target); err != nil {
			return nil, err
		}
	}
	return &csi.NodeStageVolumeResponse{}, growFileSystem(mounted)
}

func (*nodeServer) NodeUnstageVolume(_ context.Context, request *csi.NodeUnstageVolumeRequest) (*csi.NodeUnstageVolumeResponse, error) {
	return &csi.NodeUnstageVolumeResponse{}, unmount(request.GetStagingTargetPath())
}

func (*nodeServer) NodePublishVolume(_ context.Context, request *csi.NodePublishVolumeRequest) (*csi.NodePublishVolumeResponse, error) {
	target := request.GetTargetPath()
	if err := os.MkdirAll(target, 0o750); err != nil {
		return nil, err
	}
	mounted, err := mountAt(target)
	if err != nil {
		return nil, err
	}
	if mounted == nil {
		options := "bind"
		if request.GetReadonly() {
			options = "bind,ro"
		}
		err = command("mount", "-o", options, request.GetStagingTargetPath(), target)
	}
	return &csi.NodePublishVolumeResponse{}, err
}

func (*nodeServer) NodeUnpublishVolume(_ context.Context, request *csi.NodeUnpublishVolumeRequest) (*csi.NodeUnpublishVolumeResponse, error) {
	target := request.GetTargetPath()
	if err := unmount(target); err != nil {
		return nil, err
	}
	if err := os.Remove(target); err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	return &csi.NodeUnpublishVolumeResponse{}, nil
}

func (n *nodeServer) NodeExpandVolume(_ context.Context, request *csi.NodeExpandVolumeRequest) (*csi.NodeExpandVolumeResponse, error) {
	id := request.GetVolumeId()
	found, err := findVolume(n.disks, id)
	if err != nil {
		return nil, err
	}
	points, err := mountPointsOf(n.disks.volumeImage(id))
	if err != nil {
		return nil, err
	}
	if len(points) == 0 {
		return nil, status.Errorf(codes.FailedPrecondition, "volume %s is not mounted", id)
	}
	mounted, err := mountAt(points[0])
	if err != nil {
		return nil, err
	}
	// The kubelet calls after it has mounted for a pod, too: by then NodeStageVolume may have done it.
	if found.GrowsUnused {
		size, err := loopSize(mounted.source)
		if err != nil {
			return nil, err
		}
		if size < found.Capacity {
			return nil, status.Errorf(codes.FailedPrecondition, "volume %s is in use, and grows only while it is not", id)
		}
	}
	return &csi.NodeExpandVolumeResponse{CapacityBytes: found.Capacity}, growFileSystem(mounted)
}

func (*nodeServer) NodeGetVolumeStats(_ context.Context, request *csi.NodeGetVolumeStatsRequest) (*csi.NodeGetVolumeStatsResponse, error) {
	path := request.GetVolumePath()
	mounted, err := mountAt(path)
	if err != nil {
		return nil, err
	}
	if mounted == nil {
		return nil, status.Errorf(codes.NotFound, "nothing is mounted at %s", path)
	}
	var stat unix.Statfs_t
	if err := unix.Statfs(path, &stat); err != nil {
		return nil, err
	}
	size := stat.Bsize
	return &csi.NodeGetVolumeStatsResponse{Usage: []*csi.VolumeUsage{
		{
			Unit:      csi.VolumeUsage_BYTES,
			Total:     int64(stat.Blocks) * size,
			Used:      int64(stat.Blocks-stat.Bfree) * size,
			Available: int64(stat.Bavail) * size,
		},
		{
			Unit:      csi.VolumeUsage_INODES,
			Total:     int64(stat.Files),
			Used:      int64(stat.Files - stat.Ffree),
			Available: int64(stat.Ffree),
		},
	}}, nil
}

// unmount does nothing where nothing is mounted.
func unmount(target string) error {
	mounted, err := mountAt(target)
	if mounted == nil || err != nil {
		return err
	}
	return command("umount", target)
}
