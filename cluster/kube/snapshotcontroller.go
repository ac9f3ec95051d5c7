package main

import (
	"context"
	"flag"
	"os/signal"
	"syscall"
	"time"

	clientset "github.com/kubernetes-csi/external-snapshotter/client/v8/clientset/versioned"
	snapshotscheme "github.com/kubernetes-csi/external-snapshotter/client/v8/clientset/versioned/scheme"
	snapshotinformers "github.com/kubernetes-csi/external-snapshotter/client/v8/informers/externalversions"
	controller "github.com/kubernetes-csi/external-snapshotter/v8/pkg/common-controller"
	"github.com/kubernetes-csi/external-snapshotter/v8/pkg/metrics"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/workqueue"
)

// runSnapshotController runs the CSI snapshot controller with its defaults. Its own main package is not made to be
// linked, and of what that adds (leader election, metrics, group snapshots) a cluster of one node needs nothing. The
// CRDs must exist.
func runSnapshotController(args []string) error {
	flags := flag.NewFlagSet("snapshot-controller", flag.ContinueOnError)
	kubeconfig := flags.String("kubeconfig", "", "kubeconfig file")
	if err := flags.Parse(args); err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	snapshotClient, err := clientset.NewForConfig(config)
	if err != nil {
		return err
	}
	// Events name the object they are about by its kind, which the recorder looks up here.
	if err := snapshotscheme.AddToScheme(scheme.Scheme); err != nil {
		return err
	}

	const resync = 15 * time.Minute
	snapshots := snapshotinformers.NewSharedInformerFactory(snapshotClient, resync)
	core := informers.NewSharedInformerFactory(client, resync)
	run := controller.NewCSISnapshotCommonController(
		snapshotClient,
		client,
		snapshots.Snapshot().V1().VolumeSnapshots(),
		snapshots.Snapshot().V1().VolumeSnapshotContents(),
		snapshots.Snapshot().V1().VolumeSnapshotClasses(),
		snapshots.Groupsnapshot().V1beta1().VolumeGroupSnapshots(),
		snapshots.Groupsnapshot().V1beta1().VolumeGroupSnapshotContents(),
		snapshots.Groupsnapshot().V1beta1().VolumeGroupSnapshotClasses(),
		core.Core().V1().PersistentVolumeClaims(),
		core.Core().V1().PersistentVolumes(),
		nil, // nodes: for distributed snapshotting only
		metrics.NewMetricsManager(),
		resync,
		retries(), retries(), retries(), retries(),
		false, // distributed snapshotting
		true,  // prevent a change of the volume mode
		false, // group snapshots
	)

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	snapshots.Start(ctx.Done())
	core.Start(ctx.Done())
	run.Run(10, ctx.Done())
	return nil
}

func retries() workqueue.TypedRateLimiter[string] {
	return workqueue.NewTypedItemExponentialFailureRateLimiter[string](time.Second, 5*time.Minute)
}
