package host

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// errNoLimit is the error of groupLimit if no group limits this process's processor time.
var errNoLimit = errors.New("no limit")

// groupLimit returns the least processor bandwidth, in cores, of this process's groups,
// from its own group up to the top of the mount. That is cpu.max of cgroup v2 ("quota
// period", "max" for none), or cpu.cfs_quota_us / cpu.cfs_period_us of v1 (-1 for none).
// In a container the top has the container's own limit; limits of outer groups are not
// visible.
func groupLimit(fsys fs.FS) (float64, error) {
	mounts, err := fs.ReadFile(fsys, "proc/self/mountinfo")
	if err != nil {
		return 0, bare(err)
	}
	own, err := fs.ReadFile(fsys, "proc/self/cgroup")
	if errors.Is(err, fs.ErrNotExist) {
		return 0, errNoLimit // a kernel without cgroups
	}
	if err != nil {
		return 0, bare(err)
	}
	var limits []float64
	for _, tree := range cpuTrees(mounts, own) {
		for dir := tree.dir; ; dir = path.Dir(dir) {
			limit, err := tree.limit(fsys, dir)
			switch {
			case err == nil:
				limits = append(limits, limit)
			case !errors.Is(err, errNoLimit) && !errors.Is(err, fs.ErrNotExist):
				return 0, bare(err)
			}
			if dir == tree.top || dir == "." || dir == "/" {
				break
			}
		}
	}
	if len(limits) == 0 {
		return 0, errNoLimit
	}
	return slices.Min(limits), nil
}

// cpuTree is a mounted hierarchy that can limit processor time, from the directory of our
// own group up to the mount's top. Paths have the form of fs.FS.
type cpuTree struct {
	dir, top string
	limit    func(fsys fs.FS, dir string) (float64, error)
}

// cpuTrees finds the trees in /proc/self/mountinfo, and our groups in them by
// /proc/self/cgroup (cgroups(7)).
func cpuTrees(mountinfo, own []byte) []cpuTree {
	places := groupPlaces(own)
	var out []cpuTree
	for line := range bytes.Lines(mountinfo) {
		left, right, ok := strings.Cut(strings.TrimSpace(string(line)), " - ")
		if !ok {
			continue
		}
		l, r := strings.Fields(left), strings.Fields(right)
		if len(l) < 5 || len(r) < 3 {
			continue
		}
		tree, group := cpuTree{}, ""
		switch {
		case r[0] == "cgroup2":
			tree.limit, group = limitV2, places[""]
		case r[0] == "cgroup" && slices.Contains(strings.Split(r[2], ","), "cpu"):
			tree.limit, group = limitV1, places["cpu"]
		default:
			continue
		}
		if group == "" || strings.HasPrefix(group, "/..") {
			continue
		}
		tree.top = strings.TrimPrefix(spaces.Replace(l[4]), "/")
		tree.dir = tree.top
		if rest, ok := strings.CutPrefix(group, strings.TrimSuffix(spaces.Replace(l[3]), "/")); ok && (rest == "" || rest[0] == '/') {
			tree.dir = path.Join(tree.top, rest)
		}
		out = append(out, tree)
	}
	return out
}

// spaces decodes mountinfo's octal escapes.
var spaces = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)

// groupPlaces maps a v1 controller, and "" for v2, to our group in its tree.
func groupPlaces(own []byte) map[string]string {
	out := make(map[string]string)
	for line := range strings.Lines(string(own)) {
		f := strings.SplitN(strings.TrimSuffix(line, "\n"), ":", 3)
		if len(f) != 3 {
			continue
		}
		if f[0] == "0" {
			out[""] = f[2]
			continue
		}
		for c := range strings.SplitSeq(f[1], ",") {
			if c != "" {
				out[c] = f[2]
			}
		}
	}
	return out
}

func limitV2(fsys fs.FS, dir string) (float64, error) {
	text, err := word(fsys, path.Join(dir, "cpu.max"))
	if err != nil {
		return 0, err
	}
	quota, period, ok := strings.Cut(text, " ")
	if quota == "max" {
		return 0, errNoLimit
	}
	if !ok {
		return 0, fmt.Errorf("cpu.max: %q is not a quota and a period", text)
	}
	return share("cpu.max", quota, period)
}

func limitV1(fsys fs.FS, dir string) (float64, error) {
	quota, err := word(fsys, path.Join(dir, "cpu.cfs_quota_us"))
	if err != nil {
		return 0, err
	}
	if strings.HasPrefix(quota, "-") {
		return 0, errNoLimit
	}
	period, err := word(fsys, path.Join(dir, "cpu.cfs_period_us"))
	if err != nil {
		return 0, err
	}
	return share("cpu.cfs_quota_us", quota, period)
}

func share(file, quota, period string) (float64, error) {
	q, err1 := strconv.ParseUint(quota, 10, 63)
	p, err2 := strconv.ParseUint(period, 10, 63)
	if err1 != nil || err2 != nil || p == 0 {
		return 0, fmt.Errorf("%s: %q of %q is not a share", file, quota, period)
	}
	return float64(q) / float64(p), nil
}
