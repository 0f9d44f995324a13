package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ancmbench/fleet"
)

// sshd is a real SSH server on loopback, with keys of its own.
type sshd struct {
	client []string // the client's command, which knows the server's key
	dir    string
	home   string // of the user who logs in
	temp   string // for files that go again
}

func startSSHD(t *testing.T) *sshd {
	t.Helper()
	server := "/usr/sbin/sshd"
	if _, err := os.Stat(server); err != nil || os.Geteuid() != 0 {
		t.Skip("skipped: needs sshd (the package openssh-server) and root")
	}
	for _, tool := range []string{"ssh", "ssh-keygen", "sha256sum"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("skipped: needs %s", tool)
		}
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	s := &sshd{dir: t.TempDir(), home: t.TempDir(), temp: t.TempDir()}
	port := freePort(t)
	for _, key := range []string{"host", "user"} {
		if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(s.dir, key)).CombinedOutput(); err != nil {
			t.Fatalf("ssh-keygen: %v: %s", err, out)
		}
	}
	write := func(name, text string) string {
		path := filepath.Join(s.dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join(s.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	_ = os.MkdirAll("/run/sshd", 0o755) // where sshd leaves its rights; some systems make it only for the service
	config := write("sshd_config", fmt.Sprintf(`Port %s
ListenAddress 127.0.0.1
HostKey %[2]s/host
AuthorizedKeysFile %[2]s/user.pub
PidFile none
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
SetEnv HOME=%[3]s TMPDIR=%[4]s
ForceCommand cd %[3]s && eval "$SSH_ORIGINAL_COMMAND"
`, port, s.dir, s.home, s.temp))
	c := exec.Command(server, "-D", "-e", "-f", config)
	var said bytes.Buffer
	c.Stderr = &said
	start(t, c)
	write("known_hosts", fmt.Sprintf("[127.0.0.1]:%s %s", port, read("host.pub")))
	write("nobody", "")
	ssh := write("ssh_config", fmt.Sprintf("Host *\n  Port %s\n  User %s\n  IdentityFile %[3]s/user\n  IdentitiesOnly yes\n  GlobalKnownHostsFile none\n  UserKnownHostsFile %[3]s/known_hosts\n",
		port, me.Username, s.dir))
	s.client = []string{"ssh", "-F", ssh}
	deadline := time.Now().Add(30 * time.Second)
	for exec.Command("ssh", "-F", ssh, "-o", "BatchMode=yes", "127.0.0.1", "true").Run() != nil {
		if time.Now().After(deadline) {
			t.Skipf("skipped: sshd does not work here: %s", &said)
		}
		time.Sleep(100 * time.Millisecond)
	}
	return s
}

// The launcher copies the program to a host, checks the copy, starts an agent that joins,
// and leaves no token behind.
func TestAgentsStartThroughSSH(t *testing.T) {
	skipShort(t)
	s := startSSHD(t)
	program, err := os.Executable() // which is the command itself under its name
	if err != nil {
		t.Fatal(err)
	}
	token, err := fleet.NewToken()
	if err != nil {
		t.Fatal(err)
	}
	co, err := fleet.Open(fleet.Options{Version: version(), Bus: fleet.BusOptions{Listen: "127.0.0.1:0", Token: token},
		Changed: func(text string) { t.Log(text) }})
	if err != nil {
		t.Fatal(err)
	}
	said := &growing{}
	l := fleet.Launch{Join: "nats://" + co.Address(), Token: token, Program: program, Flags: []string{"--load", "--allow-target", "it's"}, Output: said}
	var all []*fleet.Launched
	for round := range 2 { // the second time the copy is there already
		agents, err := (fleet.SSH{Command: s.client}).Agents(t.Context(), l, []string{"127.0.0.1"})
		if err == nil {
			err = co.Await(t.Context(), round+1, 0, time.Minute)
		}
		if err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		all = append(all, agents)
	}
	if kept, _ := os.ReadDir(s.temp); len(kept) != 2 {
		t.Errorf("%d token files while two agents run", len(kept))
	}
	copies, _ := filepath.Glob(filepath.Join(s.home, ".cache", "ancmbench", "*", "*"))
	if len(copies) != 1 || filepath.Base(copies[0]) != "ancmbench" {
		t.Errorf("the copies: %v", copies)
	}
	co.Close(false)
	for _, agents := range all {
		agents.End()
	}
	if left, _ := os.ReadDir(s.temp); len(left) != 0 {
		t.Errorf("token files are left: %v", left)
	}

	t.Run("unknown host key", func(t *testing.T) {
		if err := os.WriteFile(filepath.Join(s.dir, "known_hosts"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := (fleet.SSH{Command: s.client}).Agents(t.Context(), l, []string{"127.0.0.1"})
		if err == nil || !strings.Contains(err.Error(), "Host key verification failed") {
			t.Errorf("got %v", err)
		}
	})
}

// No host is a flag of ssh or a line of a shell.
func TestHostsOfSSHAreNames(t *testing.T) {
	for _, bad := range []string{"", "-oProxyCommand=x", "a b", "a;b", "$(x)", "a'b", "@x"} {
		if fleet.CheckHosts([]string{bad}) == nil {
			t.Errorf("%q is taken for a host", bad)
		}
	}
	if err := fleet.CheckHosts([]string{"h1", "me@h2.example", "10.0.0.1", "fe80::1"}); err != nil {
		t.Error(err)
	}
}
