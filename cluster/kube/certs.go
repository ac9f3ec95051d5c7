package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// clientCertificates lists who may talk to the API server and as whom. The cluster's own programs carry the users and
// groups that the API server's built-in RBAC roles name; "kubelet" gets its user from the node's name.
var clientCertificates = map[string]pkix.Name{
	"admin":                   {CommonName: "nodewright-cluster-admin", Organization: []string{"system:masters"}},
	"kube-apiserver":          {CommonName: "kube-apiserver", Organization: []string{"system:masters"}},
	"kube-controller-manager": {CommonName: "system:kube-controller-manager"},
	"kube-proxy":              {CommonName: "system:kube-proxy"},
	"kube-scheduler":          {CommonName: "system:kube-scheduler"},
}

// runCerts writes a new certificate authority and everything signed by it into --dir: ca, server (for every listening
// program), one client certificate per program, and the key pair of service account tokens. The cluster is thrown away
// rather than renewed, so everything is valid for ten years.
func runCerts(args []string) error {
	flags := flag.NewFlagSet("certs", flag.ContinueOnError)
	dir := flags.String("dir", "", "folder to write to; made if missing")
	node := flags.String("node", "", "name of the node: the kubelet's user, and a name of the server certificate")
	hosts := flags.String("hosts", "", "comma-separated names and addresses of the server certificate")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *dir == "" || *node == "" {
		return errors.New("--dir and --node are needed")
	}
	if err := os.MkdirAll(*dir, 0o700); err != nil {
		return err
	}
	ca, err := newAuthority(*dir)
	if err != nil {
		return err
	}
	server := &x509.Certificate{
		Subject:     pkix.Name{CommonName: *node},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		DNSNames:    []string{*node},
	}
	for _, host := range strings.Split(*hosts, ",") {
		if ip := net.ParseIP(host); ip != nil {
			server.IPAddresses = append(server.IPAddresses, ip)
		} else if host != "" {
			server.DNSNames = append(server.DNSNames, host)
		}
	}
	if err := ca.issue(*dir, "server", server); err != nil {
		return err
	}
	for name, subject := range clientCertificates {
		if err := ca.issueClient(*dir, name, subject); err != nil {
			return err
		}
	}
	kubelet := pkix.Name{CommonName: "system:node:" + *node, Organization: []string{"system:nodes"}}
	if err := ca.issueClient(*dir, "kubelet", kubelet); err != nil {
		return err
	}
	return writeServiceAccountKeys(*dir)
}

type authority struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

func newAuthority(dir string) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	ca := &authority{key: key, certificate: &x509.Certificate{
		Subject:               pkix.Name{CommonName: "nodewright-cluster"},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}}
	return ca, ca.sign(dir, "ca", ca.certificate, key)
}

func (ca *authority) issueClient(dir, name string, subject pkix.Name) error {
	return ca.issue(dir, name, &x509.Certificate{Subject: subject, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
}

func (ca *authority) issue(dir, name string, template *x509.Certificate) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	return ca.sign(dir, name, template, key)
}

// sign writes <name>.crt and <name>.key.
func (ca *authority) sign(dir, name string, template *x509.Certificate, key *ecdsa.PrivateKey) error {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return err
	}
	template.SerialNumber = serial
	// An hour back, for a machine whose clock is set after boot.
	template.NotBefore = time.Now().Add(-time.Hour)
	template.NotAfter = time.Now().AddDate(10, 0, 0)
	der, err := x509.CreateCertificate(rand.Reader, template, ca.certificate, key.Public(), ca.key)
	if err != nil {
		return fmt.Errorf("while signing %s: %w", name, err)
	}
	if err := writePEM(filepath.Join(dir, name+".crt"), "CERTIFICATE", der); err != nil {
		return err
	}
	return writeKey(filepath.Join(dir, name+".key"), key)
}

func writeServiceAccountKeys(dir string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	if err := writePEM(filepath.Join(dir, "service-account.pub"), "PUBLIC KEY", public); err != nil {
		return err
	}
	return writeKey(filepath.Join(dir, "service-account.key"), key)
}

func writeKey(path string, key *ecdsa.PrivateKey) error {
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	return writePEM(path, "EC PRIVATE KEY", der)
}

func writePEM(path, kind string, der []byte) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
