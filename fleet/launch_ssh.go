package fleet

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// SSH is a way to start agents on other hosts with the system's client.
type SSH struct {
	// Command is the client with its flags; nil means ssh.
	Command []string
	// CopyMost bounds the copying of the executable to one host; zero means 5 minutes.
	CopyMost time.Duration
}

// sshFlags never ask and never trust: a host whose key is not known yet is refused.
var sshFlags = []string{"-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", "ConnectTimeout=10"}

// hostPattern is what a host may look like: no text that ssh or a shell reads otherwise.
var hostPattern = regexp.MustCompile(`^([A-Za-z0-9._-]+@)?[A-Za-z0-9\[][A-Za-z0-9.:\]_-]*$`)

// CheckHosts returns the faults of a list of hosts for ssh, or nil.
func CheckHosts(hosts []string) error {
	var faults []error
	for _, h := range hosts {
		if !hostPattern.MatchString(h) || strings.HasPrefix(h, "-") {
			faults = append(faults, fmt.Errorf("%q is no name of a host", h))
		}
	}
	return errors.Join(faults...)
}

// Agents copies the executable to each host, unless it is there already with the same
// checksum, and starts one agent on each. It fails if a host cannot be reached, its key is
// not known, or the copy differs.
func (s SSH) Agents(ctx context.Context, l Launch, hosts []string) (*Launched, error) {
	if err := CheckHosts(hosts); err != nil {
		return nil, err
	}
	sum, err := checksum(l.Program)
	if err != nil {
		return nil, err
	}
	if s.CopyMost == 0 {
		s.CopyMost = 5 * time.Minute
	}
	all := &Launched{}
	for _, host := range hosts {
		if err := s.install(ctx, host, l.Program, sum); err != nil {
			all.End()
			return nil, fmt.Errorf("%s: %w", host, err)
		}
	}
	flag, secret, err := pass(l.Token, l.Credentials)
	if err != nil {
		return nil, err
	}
	for _, host := range hosts {
		// The token comes by stdin: it is in no list of processes. The file goes with the
		// agent.
		line := `umask 077; t=$(mktemp) || exit 1; trap 'rm -f "$t"' EXIT; trap 'exit 1' HUP INT TERM; cat > "$t"; ` +
			quoted([]string{remotePath(sum), "agent", "--join", l.Join})
		if flag != "" {
			line += " " + flag + ` "$t"`
		}
		line += " " + quoted(l.Flags)
		cmd := s.command(context.Background(), host, line)
		cmd.Stdin = bytes.NewReader(secret)
		if err := all.start("agent on "+host, cmd, l.Output); err != nil {
			all.End()
			return nil, err
		}
	}
	return all, nil
}

func (s SSH) command(ctx context.Context, host, line string) *exec.Cmd {
	words := s.Command
	if words == nil {
		words = []string{"ssh"}
	}
	args := append(append(append([]string{}, words[1:]...), sshFlags...), "--", host, line)
	return exec.CommandContext(ctx, words[0], args...)
}

// run runs a line on a host and returns what it printed.
func (s SSH) run(ctx context.Context, host, line string, stdin io.Reader) (string, error) {
	cmd := s.command(ctx, host, line)
	cmd.Stdin = stdin
	var said lastLines
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("ssh: %w%s", err, said.said())
	}
	return string(out), nil
}

// remotePath is where the executable lies on a host, below the user's home: by its
// checksum, so that versions do not replace each other.
func remotePath(sum string) string { return ".cache/ancmbench/" + sum + "/ancmbench" }

// install copies the executable to a host and compares the checksums.
func (s SSH) install(ctx context.Context, host, program, sum string) error {
	ctx, cancel := context.WithTimeout(ctx, s.CopyMost)
	defer cancel()
	path := remotePath(sum)
	out, err := s.run(ctx, host, `uname -s -m; sha256sum `+path+` 2>/dev/null || true`, nil)
	if err != nil {
		return err
	}
	system, there, _ := strings.Cut(strings.TrimSpace(out), "\n")
	if err := sameSystem(system); err != nil {
		return err
	}
	if strings.HasPrefix(there, sum) {
		return nil
	}
	f, err := os.Open(program)
	if err != nil {
		return err
	}
	defer f.Close()
	dir := strings.TrimSuffix(path, "/ancmbench")
	// Under another name until it is whole, and only then executable.
	out, err = s.run(ctx, host, `umask 077; mkdir -p `+dir+` && cat > `+path+`.$$ && sha256sum `+path+`.$$ && chmod 700 `+path+`.$$ && mv `+path+`.$$ `+path, f)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(out, sum) {
		return fmt.Errorf("the copied executable has another checksum: %.64q, and %s here", out, sum)
	}
	return nil
}

// sameSystem fails if a host, by its uname -s -m, cannot run this executable.
func sameSystem(uname string) error {
	system, machine, _ := strings.Cut(strings.TrimSpace(uname), " ")
	arch := map[string]string{"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64", "amd64": "amd64"}[machine]
	if !strings.EqualFold(system, runtime.GOOS) || arch != runtime.GOARCH {
		return fmt.Errorf("the host is %s, and this executable is for %s/%s: start 'ancmbench agent --join' there yourself", strings.TrimSpace(uname), runtime.GOOS, runtime.GOARCH)
	}
	return nil
}

// checksum returns the SHA-256 of a file in hexadecimal digits.
func checksum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", h.Sum(nil)), nil
}

// quoted returns words for a POSIX shell.
func quoted(words []string) string {
	var out []string
	for _, w := range words {
		out = append(out, "'"+strings.ReplaceAll(w, "'", `'\''`)+"'")
	}
	return strings.Join(out, " ")
}
