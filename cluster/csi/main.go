// Command csi is a storage driver for tests, with snapshots and volumes that grow. A volume is a file with a file system in
// it, mounted through a loop device, so it has the size it says and can be full; a snapshot is a copy of that file. It
// plays controller and node at once, because there is one node. Real sidecars, which are other programs of this module,
// stand between it and the API server.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	registration "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
)

const driverName = "test-csi.nodewright.dev"

func main() {
	folder := flag.String("folder", "", "where volumes and snapshots are kept")
	socket := flag.String("socket", "", "where kubelet and sidecars call the driver")
	registry := flag.String("registry", "", "the folder in which the kubelet looks for drivers")
	node := flag.String("node", "", "name of the node")
	flag.Parse()
	if err := run(*folder, *socket, *registry, *node); err != nil {
		fmt.Fprintf(os.Stderr, "csi: %v\n", err)
		os.Exit(1)
	}
}

func run(folder, socket, registry, node string) error {
	disks, err := openStore(folder)
	if err != nil {
		return err
	}
	server := grpc.NewServer(grpc.UnaryInterceptor(oneAtATime()))
	csi.RegisterIdentityServer(server, &identity{})
	csi.RegisterControllerServer(server, &controller{disks: disks})
	csi.RegisterNodeServer(server, &nodeServer{disks: disks, node: node})
	registrar := grpc.NewServer()
	registration.RegisterRegistrationServer(registrar, &registrarServer{socket: socket})

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	failed := make(chan error, 2)
	go func() { failed <- listenAndServe(server, socket) }()
	go func() { failed <- listenAndServe(registrar, filepath.Join(registry, driverName+"-reg.sock")) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		registrar.Stop()
		server.GracefulStop()
		return nil
	}
}

// listenAndServe replaces the socket that an earlier process left behind.
func listenAndServe(server *grpc.Server, socket string) error {
	if err := os.Remove(socket); err != nil && !os.IsNotExist(err) {
		return err
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	return server.Serve(listener)
}

// oneAtATime spares every call a thought about the others: nothing here takes long. Errors are logged, with the call.
func oneAtATime() grpc.UnaryServerInterceptor {
	var mutex sync.Mutex
	return func(ctx context.Context, request any, call *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
		mutex.Lock()
		defer mutex.Unlock()
		response, err := handle(ctx, request)
		if err != nil {
			log.Printf("%s(%v): %v", call.FullMethod, request, err)
		}
		return response, err
	}
}

type identity struct {
	csi.UnimplementedIdentityServer
}

func (*identity) GetPluginInfo(context.Context, *csi.GetPluginInfoRequest) (*csi.GetPluginInfoResponse, error) {
	return &csi.GetPluginInfoResponse{Name: driverName, VendorVersion: "1"}, nil
}

func (*identity) GetPluginCapabilities(context.Context, *csi.GetPluginCapabilitiesRequest) (*csi.GetPluginCapabilitiesResponse, error) {
	return &csi.GetPluginCapabilitiesResponse{Capabilities: []*csi.PluginCapability{
		{Type: &csi.PluginCapability_Service_{Service: &csi.PluginCapability_Service{
			Type: csi.PluginCapability_Service_CONTROLLER_SERVICE,
		}}},
		{Type: &csi.PluginCapability_VolumeExpansion_{VolumeExpansion: &csi.PluginCapability_VolumeExpansion{
			Type: csi.PluginCapability_VolumeExpansion_ONLINE,
		}}},
	}}, nil
}

func (*identity) Probe(context.Context, *csi.ProbeRequest) (*csi.ProbeResponse, error) {
	return &csi.ProbeResponse{}, nil
}

// registrarServer tells the kubelet, which finds its socket, about the driver.
type registrarServer struct {
	registration.UnimplementedRegistrationServer
	socket string
}

func (r *registrarServer) GetInfo(context.Context, *registration.InfoRequest) (*registration.PluginInfo, error) {
	return &registration.PluginInfo{
		Type:              registration.CSIPlugin,
		Name:              driverName,
		Endpoint:          r.socket,
		SupportedVersions: []string{"1.0.0"},
	}, nil
}

func (r *registrarServer) NotifyRegistrationStatus(_ context.Context, status *registration.RegistrationStatus) (*registration.RegistrationStatusResponse, error) {
	log.Printf("registered with the kubelet: %t %s", status.PluginRegistered, status.Error)
	return &registration.RegistrationStatusResponse{}, nil
}
