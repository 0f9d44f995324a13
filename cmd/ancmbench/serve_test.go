package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// serve takes the hosting model of a web.config, as IIS does, and says what in the
// file has no effect.
func TestServeTakesTheHostingModelOfTheFile(t *testing.T) {
	onUnix(t)
	const setting = `<handlerSettings><handlerSetting name="stackOverflow" value="1"/></handlerSettings>`
	for name, c := range map[string]struct {
		attributes, inside string
		flags              []string
		line               string   // how what is printed begins
		notes              []string // in order, on standard error
	}{
		"said":            {`hostingModel="OutOfProcess"`, "", nil, "out-of-process (lean front)", nil},
		"absent":          {"", "", nil, "out-of-process (lean front)", nil},
		"in-process":      {`hostingModel="inprocess"`, setting, nil, "out-of-process (lean front)", []string{"stackOverflow: without effect", "my-program is hosted out-of-process: in-process hosting of a .NET app needs a build with CoreCLR"}},
		"v1":              {`hostingModel="inprocess"`, "", []string{"--module=v1"}, "out-of-process (lean front)", []string{"hostingModel: ignored"}},
		"asked otherwise": {`hostingModel="inprocess"`, "", []string{"--model=out-of-process"}, "out-of-process (lean front)", []string{"hostingModel is in-process, and --model says out-of-process"}},
		"a rung":          {`hostingModel="inprocess"`, "", []string{"--model=bare"}, "bare (lean front)", nil},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			text := `<configuration><system.webServer><aspNetCore processPath="my-program" ` + c.attributes + `>` + c.inside + `</aspNetCore></system.webServer></configuration>`
			for name, text := range map[string]string{"web.config": text, "my-program.runtimeconfig.json": "{}"} { // a .NET app's
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			serve := exec.Command("ancmbench", append([]string{"serve", "--listen=127.0.0.1:0", "--web-config=web.config", "--front=lean"}, c.flags...)...)
			serve.Dir = dir
			var stderr bytes.Buffer
			serve.Stderr = &stderr
			out, err := serve.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := serve.Start(); err != nil {
				t.Fatal(err)
			}
			line, _ := bufio.NewReader(out).ReadString('\n')
			if err := serve.Process.Signal(os.Interrupt); err != nil {
				t.Error(err)
			}
			_ = serve.Wait()
			if !strings.HasPrefix(line, c.line) {
				t.Errorf("printed %q, want it to begin with %q", line, c.line)
			}
			if !strings.Contains(line, "my-program answers once the first request has started it") || strings.Contains(line, "/plaintext") {
				t.Errorf("who answers is not clear from %q", line)
			}
			var notes []string
			for said := range strings.Lines(stderr.String()) {
				if strings.HasPrefix(said, "note: ") {
					notes = append(notes, said)
				}
			}
			if len(notes) != len(c.notes) {
				t.Fatalf("notes %q, want %q", notes, c.notes)
			}
			for i, want := range c.notes {
				if !strings.Contains(notes[i], want) {
					t.Errorf("note %q, want %q in it", notes[i], want)
				}
			}
		})
	}
}

// The bundled app never takes the place of a program.
func TestServeRefusesAModelThatHostsNoProgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "web.config")
	if err := os.WriteFile(path, []byte(`<configuration><system.webServer><aspNetCore processPath="my-program" hostingModel="inprocess"/></system.webServer></configuration>`), 0o600); err != nil {
		t.Fatal(err)
	}
	const noDotNET = "in-process only .NET programs are hosted, and this is not an app in .NET: there is no my-program.runtimeconfig.json"
	for flag, want := range map[string]string{
		"--model=in-process": "--model=in-process: processPath my-program: " + noDotNET,
		"--model=direct":     "--model=direct: it has no server in front of my-program",
		"--quiet":            "hostingModel is in-process, and processPath my-program: " + noDotNET,
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second) // one that is not refused would serve for ever
		out, err := exec.CommandContext(ctx, "ancmbench", "serve", "--listen=127.0.0.1:0", "--web-config="+path, flag).CombinedOutput()
		cancel()
		if exit := new(exec.ExitError); !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.Contains(string(out), want) {
			t.Errorf("%s: %v %s", flag, err, out)
		}
	}
}
