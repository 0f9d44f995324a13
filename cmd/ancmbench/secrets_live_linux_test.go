package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// secretWords are what must stay where the user wrote it: the value of a header, of a
// header in a file, of a query, a body, a variable, and an expected body.
var secretWords = []string{"hdr-S3CR3T", "fil-S3CR3T", "qry-S3CR3T", "bdy-S3CR3T", "var-S3CR3T", "exp-S3CR3T"}

// found names the secrets in a text.
func found(text []byte) (all []string) {
	for _, w := range secretWords {
		here := bytes.Contains(text, []byte(w))
		for before := range 3 { // in base64, as bodies are in the results, at each place of a group
			b64 := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", before) + w))
			here = here || bytes.Contains(text, []byte(b64[(before*8+5)/6:(before+len(w))*8/6]))
		}
		if here {
			all = append(all, w)
		}
	}
	return all
}

// secretsBelow names the files of a folder that hold a secret.
func secretsBelow(t *testing.T, dir string, but ...string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		for _, name := range but {
			if d.Name() == name {
				return nil
			}
		}
		text, err := os.ReadFile(path)
		if words := found(text); words != nil {
			out[path] = words
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// ranSecretly runs a command to its end, and looks all the while for secrets in the command
// lines and environments of its processes. It returns how many processes it has seen.
func ranSecretly(t *testing.T, c *exec.Cmd, mark string) (seen int) {
	t.Helper()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = c.Wait()
		close(ended)
	}()
	pids := map[int]bool{}
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		select {
		case <-ended:
			return len(pids)
		case <-tick.C:
		}
		for _, pid := range marked(t, mark) {
			for _, of := range []string{"cmdline", "environ"} {
				text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, of))
				pids[pid] = pids[pid] || len(text) > 0
				if words := found(text); words != nil {
					t.Errorf("the %s of process %d has %v: %q", of, pid, words, text)
				}
			}
		}
	}
}

// Credentials in headers, bodies, queries and variables are in no output of a run, in no
// line of history, and in no process; they are in the results if the user asks for it.
func TestCredentialsStayOut(t *testing.T) {
	t.Parallel()
	skipRaced(t)
	const profile = `
launches: 1
rate: 100/s
workloads:
  - name: w
    path: "/plaintext?token=qry-S3CR3T&user={{user}}"
    header: {Authorization: Bearer hdr-S3CR3T, Cookie: "id={{user}}"}
    body: bdy-S3CR3T
    vars: u.csv
phases: [{kind: cold-start}, {kind: warm-up, duration: 100ms}, {kind: latency, duration: 300ms}, {kind: memory, duration: 200ms}]
`
	inputs := []string{"p.yaml", "u.csv", "head"}
	for _, c := range []struct {
		name  string
		args  []string
		shows bool
	}{
		{"kept back", nil, false},
		{"asked for", []string{"--with-host-details"}, true},
	} {
		mark := newMark(t)
		cmd := command(t, mark, append([]string{"run", "--model=both", "--profile=p.yaml", "-H", "@head", "--out=out", "--append-history=h.jsonl", "--cross-check"}, c.args...)...)
		for i, text := range []string{profile, "user\nvar-S3CR3T\n", "X-Key: fil-S3CR3T\n"} {
			if err := os.WriteFile(filepath.Join(cmd.Dir, inputs[i]), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if seen := ranSecretly(t, cmd, mark); seen < 4 {
			t.Errorf("%s: only %d processes were seen", c.name, seen)
		}
		stdout, stderr := output(cmd)
		if code := cmd.ProcessState.ExitCode(); code != exitOK && !tooBusy(code, stdout+stderr) {
			t.Fatalf("%s: exit code %d: %s %s", c.name, code, stdout, stderr)
		}
		files := secretsBelow(t, cmd.Dir, inputs...)
		if words := found([]byte(stdout + stderr)); words != nil || !c.shows && len(files) > 0 {
			t.Errorf("%s: the terminal shows %v, and the files %v", c.name, words, files)
		}
		if result := files[filepath.Join(cmd.Dir, "out", "result.json")]; c.shows && len(result) < 5 {
			t.Errorf("%s: the results have only %v: the test may see nothing", c.name, result)
		}
	}
}

// The same for servers of the user's, whether they answer or fail, and for a load.
func TestCredentialsForServersStayOut(t *testing.T) {
	t.Parallel()
	skipRaced(t)
	bad := func(n int, _ *http.Request) (int, string) {
		if n > 60 {
			return http.StatusForbidden, "no hdr-S3CR3T here"
		}
		return http.StatusOK, "exp-S3CR3T"
	}
	for name, answer := range map[string]func(int, *http.Request) (int, string){"answers": func(int, *http.Request) (int, string) { return http.StatusOK, "exp-S3CR3T" }, "fails": bad,
		"differs": func(int, *http.Request) (int, string) { return http.StatusOK, "exp-S3CR3T" },
		"refuses": func(int, *http.Request) (int, string) { return http.StatusFound, "exp-S3CR3T" }} {
		a, b := newCounting(t, answer), newCounting(t, answer)
		if name == "differs" {
			b = newCounting(t, func(int, *http.Request) (int, string) { return http.StatusOK, "exp-S3CR3T and more" })
		}
		mark := newMark(t)
		// What is typed is in the command line of ancmbench itself, by the user's own hand.
		cmd := command(t, mark, "run", "--profile=smoke", "--rate=100", "--out=out", "--append-history=h.jsonl", "--target", "a="+a.URL+"/x?token=qry-S3CR3T", "--target", "b="+b.URL+"/x?token=qry-S3CR3T",
			"-H", "Authorization: hdr-S3CR3T", "--body=bdy-S3CR3T", "--expect-body-contains=exp-S3CR3T")
		if name == "differs" || name == "refuses" { // a value in the path, too
			cmd.Args = append(cmd.Args, "--path=/u/{{user}}?token=qry-S3CR3T", "--vars=u.csv", "--launches=1")
		}
		if err := os.WriteFile(filepath.Join(cmd.Dir, "u.csv"), []byte("user\nvar-S3CR3T\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Run()
		stdout, stderr := output(cmd)
		if refused := strings.Contains(stderr, "{{user}}"); name == "differs" && !refused {
			t.Errorf("the error does not name the request: %s", stderr)
		}
		if words := found([]byte(stdout + stderr)); words != nil {
			t.Errorf("run, %s: the terminal shows %v: %s %s", name, words, stdout, stderr)
		}
		if files := secretsBelow(t, cmd.Dir, "u.csv"); len(files) > 0 {
			t.Errorf("run, %s: %v", name, files)
		}
		for _, engine := range []string{"wire", "vegeta"} {
			c := command(t, mark, "load", a.URL+"/x?token=qry-S3CR3T", "-d", "300ms", "-r", "100", "-c", "2", "--json", "--engine", engine, "--hgrm=h", "-H", "Authorization: hdr-S3CR3T", "--body=bdy-S3CR3T",
				"--expect-body-contains=exp-S3CR3T")
			if engine == "vegeta" {
				c.Args = append(c.Args, "--vegeta-results=v.bin", "--path=/u/{{user}}?token=qry-S3CR3T", "--vars="+filepath.Join(cmd.Dir, "u.csv"))
			}
			_ = c.Run()
			stdout, stderr := output(c)
			files := secretsBelow(t, c.Dir)
			if words := found([]byte(stdout + stderr)); words != nil || len(files) > 0 || !strings.Contains(stdout, `"outcomes"`) {
				t.Errorf("load, %s, %s: the terminal shows %v, the files %v: %s", name, engine, words, files, stdout)
			}
		}
	}
}
