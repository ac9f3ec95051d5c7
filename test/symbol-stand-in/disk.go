package main

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// takeLock makes <data>/<name>.lock as catapult does; what it returns removes it. A process that is killed leaves it.
func (c *config) takeLock(name string) func() {
	path := filepath.Join(c.storage("dataDirectory"), name+".lock")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrExist) {
		say("could not acquire instance lock %s", path)
		os.Exit(exitLocked)
	}
	if err != nil {
		refuse("%v", err)
	}
	file.Close()
	return func() { os.Remove(path) }
}

// journal notes what happened in what order, for tests; beside the chain, so that it outlives pods.
func (c *config) journal(format string, values ...any) {
	noteIn(c.storage("dataDirectory"), format, values...)
}

func noteIn(folder, format string, values ...any) {
	line := fmt.Sprintf(format, values...)
	say("%s", line)
	file, err := os.OpenFile(filepath.Join(folder, "journal.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		refuse("%v", err)
	}
	defer file.Close()
	fmt.Fprintf(file, "%s %s\n", time.Now().UTC().Format(time.RFC3339Nano), line)
}

var seedFiles = []string{
	"index.dat", "proof.index.dat", "00000/00001.dat", "00000/00001.proof", "00000/00001.stmt", "00000/hashes.dat",
	"00000/proof.heights.dat",
}

// openChain begins with the seed where there is no chain, and returns the height it has come to.
func (c *config) openChain() uint64 {
	seed, data := c.storage("seedDirectory"), c.storage("dataDirectory")
	for _, name := range seedFiles {
		content, err := os.ReadFile(filepath.Join(seed, name))
		if err != nil {
			refuse("seed: %v", err)
		}
		if _, err := os.Stat(filepath.Join(data, name)); err == nil {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(data, name)), 0o755); err != nil {
			refuse("%v", err)
		}
		if err := os.WriteFile(filepath.Join(data, name), content, 0o644); err != nil {
			refuse("%v", err)
		}
	}
	index, err := os.ReadFile(filepath.Join(data, "index.dat"))
	if err != nil || len(index) != 8 {
		refuse("index.dat has %d bytes, need 8: %v", len(index), err)
	}
	return binary.LittleEndian.Uint64(index)
}

func (c *config) saveHeight(height uint64) {
	path := filepath.Join(c.storage("dataDirectory"), "index.dat")
	if err := os.WriteFile(path, binary.LittleEndian.AppendUint64(nil, height), 0o644); err != nil {
		refuse("%v", err)
	}
}

// checkServer ends the program where catapult's server would not start, or not do what it is told.
func (c *config) checkServer() {
	c.need("extensions-server", "logging-server", "finalization", "task", "timesync")
	c.checkLogs("logging-server")
	roles := c.roles()
	isApi := roles["Api"]
	for _, name := range []string{"extension.filespooling", "extension.partialtransaction"} {
		if c.flag("extensions-server", "extensions", name) != isApi {
			refuse("%s does not go with roles %v", name, roles)
		}
	}
	if c.flag("extensions-server", "extensions", "extension.harvesting") {
		c.need("harvesting")
		for _, key := range []string{"harvesterSigningPrivateKey", "harvesterVrfPrivateKey"} {
			value, err := hex.DecodeString(c.text("harvesting", "harvesting", key))
			if err != nil || len(value) != 32 {
				refuse("config-harvesting.properties: %s is no key", key)
			}
		}
	}
	readKnownPeers(filepath.Join(c.folder, "peers-p2p.json"))
	if isApi {
		readKnownPeers(filepath.Join(c.folder, "peers-api.json"))
	}
	if c.flag("finalization", "finalization", "enableVoting") != roles["Voting"] {
		refuse("enableVoting does not go with roles %v", roles)
	}
}

func (c *config) checkLogs(name string) {
	folder := c.text(name, "file", "directory")
	file, err := os.Create(filepath.Join(folder, "catapult.log"))
	if err != nil {
		refuse("logs: %v", err)
	}
	file.Close()
}

type knownPeer struct {
	PublicKey string `json:"publicKey"`
	Endpoint  struct {
		Host string `json:"host"`
		Port uint16 `json:"port"`
	} `json:"endpoint"`
	Metadata struct {
		Name  string `json:"name"`
		Roles string `json:"roles"`
	} `json:"metadata"`
}

func readKnownPeers(path string) []knownPeer {
	var peers struct {
		KnownPeers []knownPeer `json:"knownPeers"`
	}
	content, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(content, &peers)
	}
	if err != nil {
		refuse("%s: %v", path, err)
	}
	for _, peer := range peers.KnownPeers {
		if key, err := hex.DecodeString(peer.PublicKey); err != nil || len(key) != 32 {
			refuse("%s: %q is no public key", path, peer.PublicKey)
		}
	}
	return peers.KnownPeers
}

// votingKey is a file of a voter.
type votingKey struct {
	File       string `json:"file"`
	StartEpoch uint64 `json:"startEpoch"`
	EndEpoch   uint64 `json:"endEpoch"`
	PublicKey  string `json:"publicKey"`
}

// readVotingKeys ends the program where a voter cannot vote. Catapult writes into the files, and so does this.
func (c *config) readVotingKeys() []votingKey {
	if !c.roles()["Voting"] {
		return nil
	}
	paths, _ := filepath.Glob(filepath.Join(c.storage("votingKeysDirectory"), "private_key_tree*.dat"))
	keys := []votingKey{}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil || len(content) < 80 {
			refuse("%s: %d bytes, %v", path, len(content), err)
		}
		start, end := binary.LittleEndian.Uint64(content), binary.LittleEndian.Uint64(content[8:])
		if uint64(len(content)) != 80+96*(end-start+1) {
			refuse("%s: has %d bytes for epochs %d to %d", path, len(content), start, end)
		}
		binary.LittleEndian.PutUint64(content[16:], start)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			refuse("voting keys cannot be written: %v", err)
		}
		publicKey := hex.EncodeToString(content[32:64])
		keys = append(keys, votingKey{File: filepath.Base(path), StartEpoch: start, EndEpoch: end, PublicKey: publicKey})
	}
	return keys
}
