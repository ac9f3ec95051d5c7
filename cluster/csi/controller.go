package main

import (
	"context"
	"os"
	"path/filepath"
	"sort"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// What a test can ask for with the parameters of a class.
const (
	// Of a StorageClass: "unused" lets volumes grow only while no pod uses them. Otherwise they grow at any time.
	grows = "grows"
	// Of a VolumeSnapshotClass: how long after it was taken a snapshot can be used, as in "30s", or "never". At once when not given.
	readyAfter = "readyAfter"
	// Of a VolumeSnapshotClass: the words with which no snapshot is taken.
	failWith = "failWith"
)

// The smallest disk on which mkfs makes a file system.
const leastCapacity = 16 << 20

type controller struct {
	csi.UnimplementedControllerServer
	disks *store
}

func (*controller) ControllerGetCapabilities(context.Context, *csi.ControllerGetCapabilitiesRequest) (*csi.ControllerGetCapabilitiesResponse, error) {
	response := &csi.ControllerGetCapabilitiesResponse{}
	for _, capability := range []csi.ControllerServiceCapability_RPC_Type{
		csi.ControllerServiceCapability_RPC_CREATE_DELETE_VOLUME,
		csi.ControllerServiceCapability_RPC_CREATE_DELETE_SNAPSHOT,
		csi.ControllerServiceCapability_RPC_LIST_SNAPSHOTS,
		csi.ControllerServiceCapability_RPC_EXPAND_VOLUME,
	} {
		response.Capabilities = append(response.Capabilities, &csi.ControllerServiceCapability{
			Type: &csi.ControllerServiceCapability_Rpc{Rpc: &csi.ControllerServiceCapability_RPC{Type: capability}},
		})
	}
	return response, nil
}

func (c *controller) ValidateVolumeCapabilities(_ context.Context, request *csi.ValidateVolumeCapabilitiesRequest) (*csi.ValidateVolumeCapabilitiesResponse, error) {
	if _, err := c.findVolume(request.GetVolumeId()); err != nil {
		return nil, err
	}
	if err := expectFileSystem(request.GetVolumeCapabilities()...); err != nil {
		return &csi.ValidateVolumeCapabilitiesResponse{Message: err.Error()}, nil
	}
	return &csi.ValidateVolumeCapabilitiesResponse{Confirmed: &csi.ValidateVolumeCapabilitiesResponse_Confirmed{
		VolumeCapabilities: request.GetVolumeCapabilities(),
	}}, nil
}

func (c *controller) CreateVolume(_ context.Context, request *csi.CreateVolumeRequest) (*csi.CreateVolumeResponse, error) {
	if err := expectFileSystem(request.GetVolumeCapabilities()...); err != nil {
		return nil, err
	}
	capacity, err := chooseCapacity(request.GetCapacityRange())
	if err != nil {
		return nil, err
	}
	id, source := request.GetName(), request.GetVolumeContentSource().GetSnapshot().GetSnapshotId()
	wanted := volume{Capacity: capacity, Source: source, GrowsUnused: request.GetParameters()[grows] == "unused"}
	response := &csi.CreateVolumeResponse{Volume: &csi.Volume{
		VolumeId:      id,
		CapacityBytes: capacity,
		ContentSource: request.GetVolumeContentSource(),
	}}
	existing, err := c.disks.volume(id)
	switch {
	case err != nil:
		return nil, err
	case existing != nil && *existing != wanted:
		return nil, status.Errorf(codes.AlreadyExists, "volume %s exists, and is not the same: %+v", id, *existing)
	case existing != nil:
		return response, nil
	}
	fill := func(image string) error { return makeDisk(image, capacity) }
	if request.GetVolumeContentSource() != nil {
		if err := c.expectUsable(source, capacity); err != nil {
			return nil, err
		}
		fill = func(image string) error { return copyDisk(c.disks.snapshotImage(source), image, capacity) }
	}
	return response, c.disks.createVolume(id, wanted, fill)
}

// expectUsable returns an error unless a volume of that capacity can be made from the snapshot.
func (c *controller) expectUsable(id string, capacity int64) error {
	source, err := c.disks.snapshot(id)
	switch {
	case err != nil:
		return err
	case source == nil:
		return status.Errorf(codes.NotFound, "snapshot %q does not exist", id)
	case !source.isReady(time.Now()):
		return status.Errorf(codes.Unavailable, "snapshot %s is not ready", id)
	case source.Capacity > capacity:
		return status.Errorf(codes.OutOfRange, "snapshot %s is of a volume of %d bytes, the new one has %d", id, source.Capacity, capacity)
	}
	return nil
}

func (c *controller) DeleteVolume(_ context.Context, request *csi.DeleteVolumeRequest) (*csi.DeleteVolumeResponse, error) {
	id := request.GetVolumeId()
	found, err := c.disks.volume(id)
	if found == nil || err != nil {
		return &csi.DeleteVolumeResponse{}, err
	}
	points, err := mountPointsOf(c.disks.volumeImage(id))
	if err != nil {
		return nil, err
	}
	if len(points) > 0 {
		return nil, status.Errorf(codes.FailedPrecondition, "volume %s is still mounted at %s", id, points[0])
	}
	return &csi.DeleteVolumeResponse{}, os.RemoveAll(filepath.Join(c.disks.volumes, id))
}

func (c *controller) ControllerExpandVolume(_ context.Context, request *csi.ControllerExpandVolumeRequest) (*csi.ControllerExpandVolumeResponse, error) {
	id := request.GetVolumeId()
	found, err := c.findVolume(id)
	if err != nil {
		return nil, err
	}
	capacity, err := chooseCapacity(request.GetCapacityRange())
	if err != nil {
		return nil, err
	}
	if capacity > found.Capacity {
		if err := resizeImage(c.disks.volumeImage(id), capacity); err != nil {
			return nil, err
		}
		found.Capacity = capacity
		if err := c.disks.updateVolume(id, *found); err != nil {
			return nil, err
		}
	}
	return &csi.ControllerExpandVolumeResponse{CapacityBytes: found.Capacity, NodeExpansionRequired: true}, nil
}

func (c *controller) CreateSnapshot(_ context.Context, request *csi.CreateSnapshotRequest) (*csi.CreateSnapshotResponse, error) {
	id, source := request.GetName(), request.GetSourceVolumeId()
	if words := request.GetParameters()[failWith]; words != "" {
		return nil, status.Error(codes.Internal, words)
	}
	existing, err := c.disks.snapshot(id)
	switch {
	case err != nil:
		return nil, err
	case existing != nil && existing.Volume != source:
		return nil, status.Errorf(codes.AlreadyExists, "snapshot %s exists, of volume %s", id, existing.Volume)
	case existing != nil:
		return &csi.CreateSnapshotResponse{Snapshot: describeSnapshot(id, existing)}, nil
	}
	from, err := c.findVolume(source)
	if err != nil {
		return nil, err
	}
	taken := snapshot{Volume: source, Capacity: from.Capacity, Created: time.Now()}
	switch after := request.GetParameters()[readyAfter]; after {
	case "":
		taken.ReadyAt = taken.Created
	case "never":
	default:
		delay, err := time.ParseDuration(after)
		if err != nil {
			return nil, status.Errorf(codes.InvalidArgument, `%s: %v; it is a duration like "30s", or "never"`, readyAfter, err)
		}
		taken.ReadyAt = taken.Created.Add(delay)
	}
	err = c.disks.createSnapshot(id, taken, func(image string) error { return c.copyVolume(source, image, from.Capacity) })
	return &csi.CreateSnapshotResponse{Snapshot: describeSnapshot(id, &taken)}, err
}

// copyVolume copies a volume as it is at one moment.
func (c *controller) copyVolume(id, to string, capacity int64) error {
	image := c.disks.volumeImage(id)
	points, err := mountPointsOf(image)
	if err != nil {
		return err
	}
	copyIt := func() error { return copyDisk(image, to, capacity) }
	if len(points) == 0 {
		return copyIt()
	}
	return whileFrozen(points[0], copyIt)
}

func (c *controller) DeleteSnapshot(_ context.Context, request *csi.DeleteSnapshotRequest) (*csi.DeleteSnapshotResponse, error) {
	id := request.GetSnapshotId()
	found, err := c.disks.snapshot(id)
	if found == nil || err != nil {
		return &csi.DeleteSnapshotResponse{}, err
	}
	return &csi.DeleteSnapshotResponse{}, os.RemoveAll(filepath.Join(c.disks.snapshots, id))
}

func (c *controller) ListSnapshots(_ context.Context, request *csi.ListSnapshotsRequest) (*csi.ListSnapshotsResponse, error) {
	if request.GetStartingToken() != "" {
		return nil, status.Error(codes.Aborted, "the list has one page")
	}
	all, err := c.disks.listSnapshots()
	response := &csi.ListSnapshotsResponse{}
	for id, one := range all {
		if wanted := request.GetSnapshotId(); wanted != "" && wanted != id {
			continue
		}
		if wanted := request.GetSourceVolumeId(); wanted != "" && wanted != one.Volume {
			continue
		}
		response.Entries = append(response.Entries, &csi.ListSnapshotsResponse_Entry{Snapshot: describeSnapshot(id, one)})
	}
	sort.Slice(response.Entries, func(i, j int) bool {
		return response.Entries[i].Snapshot.SnapshotId < response.Entries[j].Snapshot.SnapshotId
	})
	return response, err
}

func describeSnapshot(id string, one *snapshot) *csi.Snapshot {
	return &csi.Snapshot{
		SnapshotId:     id,
		SourceVolumeId: one.Volume,
		SizeBytes:      one.Capacity,
		CreationTime:   timestamppb.New(one.Created),
		ReadyToUse:     one.isReady(time.Now()),
	}
}

func (c *controller) findVolume(id string) (*volume, error) {
	return findVolume(c.disks, id)
}

func findVolume(disks *store, id string) (*volume, error) {
	found, err := disks.volume(id)
	if err == nil && found == nil {
		err = status.Errorf(codes.NotFound, "volume %q does not exist", id)
	}
	return found, err
}

// chooseCapacity is the size that was asked for, in whole MiB.
func chooseCapacity(wanted *csi.CapacityRange) (int64, error) {
	const mebibyte = 1 << 20
	capacity := max(leastCapacity, (wanted.GetRequiredBytes()+mebibyte-1)/mebibyte*mebibyte)
	if limit := wanted.GetLimitBytes(); limit > 0 && capacity > limit {
		return 0, status.Errorf(codes.OutOfRange, "the smallest volume for it would have %d bytes, and at most %d are wanted", capacity, limit)
	}
	return capacity, nil
}

func expectFileSystem(capabilities ...*csi.VolumeCapability) error {
	for _, capability := range capabilities {
		if capability.GetBlock() != nil {
			return status.Error(codes.InvalidArgument, "there are no block volumes here")
		}
	}
	return nil
}
