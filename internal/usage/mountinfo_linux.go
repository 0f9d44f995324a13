package usage

import (
	"bytes"
	"strings"
)

// groupPlace returns the directory of our own cgroup v2 group, from the texts of
// /proc/self/mountinfo and /proc/self/cgroup (cgroups(7), proc(5)). On a hybrid machine
// the v2 tree is one mount among several. In a container the mount may show only a part of
// the tree, and our own group may lie outside it.
func groupPlace(mountinfo, own []byte) (string, error) {
	group, err := ownGroup(own)
	if err != nil {
		return "", err
	}
	mounts := unifiedMounts(mountinfo)
	if len(mounts) == 0 {
		return "", unsupported("cgroup v2 is not mounted")
	}
	reason := "own cgroup lies outside the mounted tree"
	for _, m := range mounts {
		rest, ok := within(m.root, group)
		if !ok {
			continue
		}
		if m.readOnly {
			reason = "cgroup v2 is mounted read-only"
			continue
		}
		if rest == "" {
			return m.point, nil
		}
		return strings.TrimSuffix(m.point, "/") + "/" + rest, nil
	}
	return "", unsupported("%s", reason)
}

// within returns the part of group below root. A group with ".." belongs to another cgroup
// namespace and is in no visible tree.
func within(root, group string) (rest string, ok bool) {
	if strings.HasPrefix(group, "/..") {
		return "", false
	}
	if root == "/" {
		return strings.TrimPrefix(group, "/"), true
	}
	rest, ok = strings.CutPrefix(group, root)
	if !ok || (rest != "" && rest[0] != '/') {
		return "", false
	}
	return strings.TrimPrefix(rest, "/"), true
}

// ownGroup finds the line of hierarchy 0, which is cgroup v2: "0::/path".
func ownGroup(own []byte) (string, error) {
	for line := range bytes.Lines(own) {
		if rest, ok := bytes.CutPrefix(line, []byte("0::/")); ok {
			path := "/" + strings.TrimSuffix(string(rest), "\n")
			if strings.HasSuffix(path, " (deleted)") {
				return "", unsupported("own cgroup was removed")
			}
			return path, nil
		}
	}
	return "", unsupported("this process is in no cgroup v2 group")
}

// unifiedMount is one mount of the cgroup v2 tree.
type unifiedMount struct {
	root, point string
	readOnly    bool
}

// unifiedMounts reads mountinfo: "ID parent major:minor root point options
// [optional...] - type source superoptions".
func unifiedMounts(mountinfo []byte) []unifiedMount {
	var out []unifiedMount
	for line := range bytes.Lines(mountinfo) {
		left, right, ok := strings.Cut(strings.TrimSuffix(string(line), "\n"), " - ")
		if !ok {
			continue
		}
		f, r := strings.Fields(left), strings.Fields(right)
		if len(f) < 6 || len(r) < 1 || r[0] != "cgroup2" {
			continue
		}
		readOnly := hasOption(f[5], "ro") || (len(r) >= 3 && hasOption(r[2], "ro"))
		out = append(out, unifiedMount{root: unescape(f[3]), point: unescape(f[4]), readOnly: readOnly})
	}
	return out
}

func hasOption(options, want string) bool {
	for o := range strings.SplitSeq(options, ",") {
		if o == want {
			return true
		}
	}
	return false
}

// unescape decodes the kernel's octal escapes of space, tab, newline and backslash.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) && octal(s[i+1]) && octal(s[i+2]) && octal(s[i+3]) {
			b.WriteByte((s[i+1]-'0')<<6 | (s[i+2]-'0')<<3 | (s[i+3] - '0'))
			i += 3
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func octal(c byte) bool { return '0' <= c && c <= '7' }
