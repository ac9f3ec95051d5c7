package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// store is the folder of volumes and snapshots. Each is a folder named by its id, with a disk image and its description
// in it, that appears when complete.
type store struct {
	volumes   string
	snapshots string
}

type volume struct {
	// Capacity in bytes, which is the size of the image.
	Capacity int64 `json:"capacity"`
	// Source is the snapshot from which it was made.
	Source string `json:"source,omitempty"`
	// GrowsUnused: the file system can't be grown while a pod uses it.
	GrowsUnused bool `json:"growsUnused,omitempty"`
}

type snapshot struct {
	Volume   string    `json:"volume"`
	Capacity int64     `json:"capacity"`
	Created  time.Time `json:"created"`
	// ReadyAt is when it can be used; zero for never.
	ReadyAt time.Time `json:"readyAt,omitzero"`
}

func (s snapshot) isReady(now time.Time) bool {
	return !s.ReadyAt.IsZero() && !now.Before(s.ReadyAt)
}

func openStore(folder string) (*store, error) {
	s := &store{volumes: filepath.Join(folder, "volumes"), snapshots: filepath.Join(folder, "snapshots")}
	return s, errors.Join(os.MkdirAll(s.volumes, 0o700), os.MkdirAll(s.snapshots, 0o700))
}

func (s *store) volumeImage(id string) string   { return filepath.Join(s.volumes, id, "disk.img") }
func (s *store) snapshotImage(id string) string { return filepath.Join(s.snapshots, id, "disk.img") }

// volume returns nil where there is none of that id.
func (s *store) volume(id string) (*volume, error) { return read[volume](s.volumes, id) }

// snapshot returns nil where there is none of that id.
func (s *store) snapshot(id string) (*snapshot, error) { return read[snapshot](s.snapshots, id) }

func (s *store) listSnapshots() (map[string]*snapshot, error) {
	entries, err := os.ReadDir(s.snapshots)
	found := map[string]*snapshot{}
	for _, entry := range entries {
		one, readErr := s.snapshot(entry.Name())
		if one != nil {
			found[entry.Name()] = one
		}
		err = errors.Join(err, readErr)
	}
	return found, err
}

func (s *store) createVolume(id string, v volume, fill func(image string) error) error {
	return create(s.volumes, id, v, fill)
}

func (s *store) createSnapshot(id string, one snapshot, fill func(image string) error) error {
	return create(s.snapshots, id, one, fill)
}

func (s *store) updateVolume(id string, v volume) error {
	return writeDescription(filepath.Join(s.volumes, id), v)
}

const description = "description.json"

func read[T any](folder, id string) (*T, error) {
	// An id of somebody else's invention must not lead out of the folder.
	if id == "" || id != filepath.Base(id) {
		return nil, nil
	}
	content, err := os.ReadFile(filepath.Join(folder, id, description))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	found := new(T)
	return found, json.Unmarshal(content, found)
}

func create(folder, id string, what any, fill func(image string) error) error {
	// The dot keeps it apart from ids, which are names of Kubernetes objects with a prefix.
	unfinished := filepath.Join(folder, ".unfinished")
	if err := os.RemoveAll(unfinished); err != nil {
		return err
	}
	if err := os.Mkdir(unfinished, 0o700); err != nil {
		return err
	}
	if err := fill(filepath.Join(unfinished, "disk.img")); err != nil {
		return err
	}
	if err := writeDescription(unfinished, what); err != nil {
		return err
	}
	return os.Rename(unfinished, filepath.Join(folder, id))
}

func writeDescription(folder string, what any) error {
	content, err := json.Marshal(what)
	if err != nil {
		return err
	}
	file := filepath.Join(folder, description)
	if err := os.WriteFile(file+".new", content, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}
