package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// makeDisk makes an image with an empty file system. It takes hardly any room before it is written to. It is XFS because that
// is the one which grows while it is mounted without CAP_SYS_RESOURCE, and which can be unsupported: smaller than 300 MB.
func makeDisk(image string, capacity int64) error {
	if err := resizeImage(image, capacity); err != nil {
		return err
	}
	return command("mkfs.xfs", "-q", "-f", "--unsupported", image)
}

// copyDisk makes an image of that capacity with the data of another one, which may be mounted.
func copyDisk(from, to string, capacity int64) error {
	if err := command("cp", "--sparse=always", from, to); err != nil {
		return err
	}
	return resizeImage(to, capacity)
}

func resizeImage(image string, capacity int64) error {
	file, err := os.OpenFile(image, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	return file.Truncate(capacity)
}

// mountDisk attaches the image to a loop device, which goes when it is unmounted everywhere. Without nouuid a volume could
// not be mounted beside a copy of it.
func mountDisk(image, target string, options ...string) error {
	all := strings.Join(append([]string{"loop", "nouuid"}, options...), ",")
	return command("mount", "-t", "xfs", "-o", all, image, target)
}

// growFileSystem lets a file system take all of its image.
func growFileSystem(mounted *mount) error {
	if err := command("losetup", "--set-capacity", mounted.source); err != nil {
		return err
	}
	return command("xfs_growfs", "-d", mounted.point)
}

// loopSize is how much of its image a loop device offers, bytes.
func loopSize(device string) (int64, error) {
	content, err := os.ReadFile(filepath.Join("/sys/block", filepath.Base(device), "size"))
	if err != nil {
		return 0, err
	}
	const sector = 512
	sectors, err := strconv.ParseInt(strings.TrimSpace(string(content)), 10, 64)
	return sectors * sector, err
}

// whileFrozen runs something while nothing writes to the file system mounted there, and all of it is in the image.
func whileFrozen(mountPoint string, do func() error) error {
	const freeze, thaw = 0xC0045877, 0xC0045878
	folder, err := os.Open(mountPoint)
	if err != nil {
		return err
	}
	defer folder.Close()
	if err := unix.IoctlSetInt(int(folder.Fd()), freeze, 0); err != nil {
		return fmt.Errorf("freezing %s: %w", mountPoint, err)
	}
	defer func() { _ = unix.IoctlSetInt(int(folder.Fd()), thaw, 0) }()
	return do()
}

// mount is a line of /proc/self/mountinfo.
type mount struct {
	point string
	// source is the loop device of a disk.
	source string
}

func listMounts() ([]mount, error) {
	file, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var mounts []mount
	for lines := bufio.NewScanner(file); lines.Scan(); {
		before, after, _ := strings.Cut(lines.Text(), " - ")
		fields, rest := strings.Fields(before), strings.Fields(after)
		if len(fields) > 4 && len(rest) > 1 {
			mounts = append(mounts, mount{point: fields[4], source: rest[1]})
		}
	}
	return mounts, nil
}

// mountAt returns what is mounted at a path, nil if nothing is.
func mountAt(path string) (*mount, error) {
	mounts, err := listMounts()
	for index := range mounts {
		if mounts[index].point == path {
			return &mounts[index], err
		}
	}
	return nil, err
}

// mountPointsOf lists where an image is mounted, in the order in which that was done.
func mountPointsOf(image string) ([]string, error) {
	mounts, err := listMounts()
	var points []string
	for _, one := range mounts {
		device, isLoop := strings.CutPrefix(one.source, "/dev/loop")
		if !isLoop {
			continue
		}
		backing, readErr := os.ReadFile("/sys/block/loop" + device + "/loop/backing_file")
		if readErr == nil && strings.TrimSpace(string(backing)) == image {
			points = append(points, one.point)
		}
	}
	return points, err
}

func command(name string, args ...string) error {
	output, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, strings.TrimSpace(string(output)))
	}
	return nil
}
