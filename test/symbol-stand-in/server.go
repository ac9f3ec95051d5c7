package main

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// Plain HTTP for tests: what the server was given and what has happened; /crash ends it without a word.
const inspectionAddress = ":8079"

// Where programs run beside each other on one machine, tests say where instead.
const inspectionVariable = "STAND_IN_INSPECTION"

type server struct {
	*config
	mainKey ed25519.PublicKey
	height  atomic.Uint64
	peers   []knownPeer
	voting  []votingKey
}

func runServer(c *config) {
	release := c.takeLock("server")
	s := &server{config: c}
	c.checkServer()
	s.mainKey = c.checkCertificates()
	s.peers = readKnownPeers(filepath.Join(c.folder, "peers-p2p.json"))
	s.voting = c.readVotingKeys()
	s.height.Store(c.openChain())
	c.journal("server started")
	go s.serveInspection()
	go s.listen()
	// A block a second. It is written down as catapult does, so that a node that is started again goes on.
	blocks := time.NewTicker(time.Second)
	for stop := stopSignals(); ; {
		select {
		case <-blocks.C:
			c.saveHeight(s.height.Add(1))
		case <-stop:
			c.journal("server stopped")
			release()
			return
		}
	}
}

func stopSignals() <-chan os.Signal {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	return stop
}

// checkCertificates ends the program where the files do not belong together. It returns the node's identity.
func (c *config) checkCertificates() ed25519.PublicKey {
	folder := c.storage("certificateDirectory")
	pair, err := tls.LoadX509KeyPair(filepath.Join(folder, "node.full.crt.pem"), filepath.Join(folder, "node.key.pem"))
	if err != nil {
		refuse("certificates: %v", err)
	}
	mainKey, err := checkChain(pair.Certificate)
	if err != nil {
		refuse("certificates: %v", err)
	}
	content, err := os.ReadFile(filepath.Join(folder, "ca.pubkey.pem"))
	if err != nil {
		refuse("certificates: %v", err)
	}
	block, _ := pem.Decode(content)
	if block == nil {
		refuse("ca.pubkey.pem is no PEM file")
	}
	pinned, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil || !mainKey.Equal(pinned) {
		refuse("ca.pubkey.pem is not the key of the CA certificate: %v", err)
	}
	return mainKey
}

// checkChain is catapult's rule: two certificates, Ed25519, the second signed by itself, the first by the second, both of today.
func checkChain(raw [][]byte) (ed25519.PublicKey, error) {
	if len(raw) != 2 {
		return nil, fmt.Errorf("found %d certificates, need 2", len(raw))
	}
	certificates := make([]*x509.Certificate, 2)
	for index, bytes := range raw {
		certificate, err := x509.ParseCertificate(bytes)
		if err != nil {
			return nil, err
		}
		if _, isEd25519 := certificate.PublicKey.(ed25519.PublicKey); !isEd25519 {
			return nil, errors.New("found a key that is not Ed25519")
		}
		if now := time.Now(); now.Before(certificate.NotBefore) || now.After(certificate.NotAfter) {
			return nil, fmt.Errorf("certificate %d is not valid today, but until %v", index, certificate.NotAfter)
		}
		certificates[index] = certificate
	}
	node, root := certificates[0], certificates[1]
	key := root.PublicKey.(ed25519.PublicKey)
	if node.Issuer.String() != root.Subject.String() || root.Issuer.String() != root.Subject.String() {
		return nil, errors.New("the names do not belong together")
	}
	for _, certificate := range certificates {
		if !ed25519.Verify(key, certificate.RawTBSCertificate, certificate.Signature) {
			return nil, errors.New("found a signature that is not of the CA")
		}
	}
	return key, nil
}

func (s *server) listen() {
	folder := s.storage("certificateDirectory")
	pair, err := tls.LoadX509KeyPair(filepath.Join(folder, "node.full.crt.pem"), filepath.Join(folder, "node.key.pem"))
	if err != nil {
		refuse("%v", err)
	}
	address := net.JoinHostPort(s.text("node", "node", "listenInterface"), s.text("node", "node", "port"))
	listener, err := tls.Listen("tcp", address, &tls.Config{
		Certificates: []tls.Certificate{pair},
		MinVersion:   tls.VersionTLS13,
		ClientAuth:   tls.RequireAnyClientCert,
		VerifyPeerCertificate: func(raw [][]byte, _ [][]*x509.Certificate) error {
			_, err := checkChain(raw)
			return err
		},
	})
	if err != nil {
		refuse("%v", err)
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			refuse("%v", err)
		}
		go s.converse(connection.(*tls.Conn))
	}
}

func (s *server) converse(connection *tls.Conn) {
	defer connection.Close()
	if err := connection.Handshake(); err != nil {
		return
	}
	key, err := checkChain(rawOf(connection.ConnectionState().PeerCertificates))
	if err != nil || (key.Equal(s.mainKey) && !s.isLocal(connection.RemoteAddr())) {
		say("identity is in use already: %v", connection.RemoteAddr())
		return
	}
	header := make([]byte, 8)
	for {
		if _, err := io.ReadFull(connection, header); err != nil {
			return
		}
		kind := binary.LittleEndian.Uint32(header[4:])
		body := s.answer(kind)
		if binary.LittleEndian.Uint32(header) != 8 || body == nil {
			return
		}
		packet := binary.LittleEndian.AppendUint32(nil, uint32(8+len(body)))
		packet = binary.LittleEndian.AppendUint32(packet, kind)
		if _, err := connection.Write(append(packet, body...)); err != nil {
			return
		}
	}
}

func rawOf(certificates []*x509.Certificate) [][]byte {
	raw := [][]byte{}
	for _, certificate := range certificates {
		raw = append(raw, certificate.Raw)
	}
	return raw
}

func (s *server) isLocal(address net.Addr) bool {
	host, _, _ := net.SplitHostPort(address.String())
	for _, network := range strings.Split(s.text("node", "node", "localNetworks"), ",") {
		if strings.HasPrefix(host, strings.TrimSpace(network)) {
			return true
		}
	}
	return false
}

func (s *server) answer(kind uint32) []byte {
	height := s.height.Load()
	finalized := finalizedOf(height)
	switch kind {
	case 0x005:
		return appendAll64(height, finalized, 0, height)
	case 0x132:
		epoch := 1 + uint32(finalized+719)/720
		return append(binary.LittleEndian.AppendUint64(appendAll32(epoch, 1), finalized), make([]byte, 32)...)
	case 0x111:
		roles := uint32(0)
		for role, bit := range map[string]uint32{"Peer": 1, "Api": 2, "Voting": 4} {
			if s.roles()[role] {
				roles |= bit
			}
		}
		host, name := s.text("node", "localnode", "host"), s.text("node", "localnode", "friendlyName")
		return s.info(s.mainKey, roles, uint16(s.number("node", "node", "port")), host, name)
	case 0x113:
		infos := []byte{}
		for _, peer := range s.peers {
			key, _ := hex.DecodeString(peer.PublicKey)
			infos = append(infos, s.info(key, 1, peer.Endpoint.Port, peer.Endpoint.Host, peer.Metadata.Name)...)
		}
		return infos
	}
	return nil
}

func (s *server) info(key []byte, roles uint32, port uint16, host, name string) []byte {
	seed, err := hex.DecodeString(s.text("network", "network", "generationHashSeed"))
	if err != nil || len(seed) != 32 {
		refuse("generationHashSeed: %v", err)
	}
	body := appendAll32(uint32(81+len(host)+len(name)), 0x01000307)
	body = append(append(body, key...), seed...)
	body = binary.LittleEndian.AppendUint32(body, roles)
	body = binary.LittleEndian.AppendUint16(body, port)
	body = append(body, 152, byte(len(host)), byte(len(name)))
	return append(append(body, host...), name...)
}

func finalizedOf(height uint64) uint64 {
	return max(height, 11) - 10
}

func appendAll64(values ...uint64) []byte {
	bytes := []byte{}
	for _, value := range values {
		bytes = binary.LittleEndian.AppendUint64(bytes, value)
	}
	return bytes
}

func appendAll32(values ...uint32) []byte {
	bytes := []byte{}
	for _, value := range values {
		bytes = binary.LittleEndian.AppendUint32(bytes, value)
	}
	return bytes
}

func (s *server) serveInspection() {
	routes := http.NewServeMux()
	routes.HandleFunc("GET /", func(response http.ResponseWriter, _ *http.Request) {
		journal, _ := os.ReadFile(filepath.Join(s.storage("dataDirectory"), "journal.log"))
		json.NewEncoder(response).Encode(map[string]any{
			"height":     s.height.Load(),
			"mainKey":    strings.ToUpper(hex.EncodeToString(s.mainKey)),
			"config":     s.files,
			"votingKeys": s.voting,
			"journal":    strings.Split(strings.TrimSpace(string(journal)), "\n"),
		})
	})
	routes.HandleFunc("GET /crash", func(http.ResponseWriter, *http.Request) {
		// The first process of a container cannot kill itself.
		os.Exit(137)
	})
	refuse("%v", http.ListenAndServe(orElse(os.Getenv(inspectionVariable), inspectionAddress), routes))
}
