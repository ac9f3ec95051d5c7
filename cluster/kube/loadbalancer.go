package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/netip"
	"os/signal"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// runLoadBalancer stands in for a cloud: it gives every Service of type LoadBalancer an address of --range, each its
// own, and takes it away when the type changes. kube-proxy does the rest: it serves the addresses in a Service's status.
func runLoadBalancer(args []string) error {
	flags := flag.NewFlagSet("loadbalancer", flag.ContinueOnError)
	kubeconfig := flags.String("kubeconfig", "", "kubeconfig file")
	pool := flags.String("range", "", "addresses to give, as a CIDR")
	if err := flags.Parse(args); err != nil {
		return err
	}
	prefix, err := netip.ParsePrefix(*pool)
	if err != nil {
		return fmt.Errorf("--range: %w", err)
	}
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	for ctx.Err() == nil {
		if err := serveUntilWatchEnds(ctx, client, prefix); err != nil && ctx.Err() == nil {
			log.Printf("%v; again in a second", err)
			time.Sleep(time.Second)
		}
	}
	return nil
}

// serveUntilWatchEnds brings all Services up to date, then again after every change of one. The API server ends a watch
// after some minutes, which makes this the resync as well.
func serveUntilWatchEnds(ctx context.Context, client kubernetes.Interface, pool netip.Prefix) error {
	list, err := client.CoreV1().Services("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("while listing services: %w", err)
	}
	watch, err := client.CoreV1().Services("").Watch(ctx, metav1.ListOptions{ResourceVersion: list.ResourceVersion})
	if err != nil {
		return fmt.Errorf("while watching services: %w", err)
	}
	defer watch.Stop()
	for {
		if err := assignAddresses(ctx, client, pool, list.Items); err != nil {
			return err
		}
		if _, open := <-watch.ResultChan(); !open {
			return nil
		}
		if list, err = client.CoreV1().Services("").List(ctx, metav1.ListOptions{ResourceVersion: "0"}); err != nil {
			return fmt.Errorf("while listing services: %w", err)
		}
	}
}

func assignAddresses(ctx context.Context, client kubernetes.Interface, pool netip.Prefix, services []corev1.Service) error {
	taken := map[netip.Addr]bool{}
	for i := range services {
		taken[addressOf(&services[i])] = true
	}
	for i := range services {
		service := &services[i]
		wanted := service.Spec.Type == corev1.ServiceTypeLoadBalancer && service.DeletionTimestamp == nil
		switch has := addressOf(service).IsValid(); {
		case wanted && !has:
			address, err := firstFree(pool, taken)
			if err != nil {
				return err
			}
			taken[address] = true
			service.Status.LoadBalancer.Ingress = []corev1.LoadBalancerIngress{{IP: address.String()}}
		case !wanted && has:
			service.Status.LoadBalancer.Ingress = nil
		default:
			continue
		}
		_, err := client.CoreV1().Services(service.Namespace).UpdateStatus(ctx, service, metav1.UpdateOptions{})
		// A conflict or a deletion brings the next watch event, and with it the next try.
		if err != nil && !apierrors.IsConflict(err) && !apierrors.IsNotFound(err) {
			return fmt.Errorf("while writing the address of service %s/%s: %w", service.Namespace, service.Name, err)
		}
	}
	return nil
}

func addressOf(service *corev1.Service) netip.Addr {
	for _, ingress := range service.Status.LoadBalancer.Ingress {
		if address, err := netip.ParseAddr(ingress.IP); err == nil {
			return address
		}
	}
	return netip.Addr{}
}

func firstFree(pool netip.Prefix, taken map[netip.Addr]bool) (netip.Addr, error) {
	for address := pool.Masked().Addr().Next(); pool.Contains(address); address = address.Next() {
		if !taken[address] {
			return address, nil
		}
	}
	return netip.Addr{}, errors.New("no address is left in " + pool.String())
}
