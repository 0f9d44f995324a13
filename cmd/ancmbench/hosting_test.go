package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"html"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jcmturner/gokrb5/v8/iana/etypeID"
	"github.com/jcmturner/gokrb5/v8/keytab"

	"ancmbench"

	"ancmbench/models/ancm/webconfig"
)

// programEnv makes this binary a program of a user's, which listens where the
// module tells it.
const programEnv = "TEST_PROGRAM"

func program() {
	if os.Getenv(programEnv) == "server" {
		server()
		return
	}
	if os.Getenv(programEnv) == "paired" {
		_ = http.ListenAndServe("127.0.0.1:"+os.Getenv("ASPNETCORE_PORT"), http.HandlerFunc(pairedProgram))
		return
	}
	_ = http.ListenAndServe("127.0.0.1:"+os.Getenv("ASPNETCORE_PORT"), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "a program of the user's")
	}))
}

func onUnix(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the bundled models do not run on Windows")
	}
}

// TestServeFurtherFronts starts what serve prints, and asks it as curl would.
func TestServeFurtherFronts(t *testing.T) {
	onUnix(t)
	dir := t.TempDir()
	for name, text := range map[string]string{"users": "# who may\n\nanna:se:cret\r\n", "static/site.css": "p{}"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	keys := keytab.New()
	if err := keys.AddEntry("HTTP/localhost", "EXAMPLE", "secret", time.Unix(1, 0), 1, etypeID.AES256_CTS_HMAC_SHA1_96); err != nil {
		t.Fatal(err)
	}
	if text, err := keys.Marshal(); err != nil || os.WriteFile(filepath.Join(dir, "keytab"), text, 0o600) != nil {
		t.Fatal("no keytab", err)
	}
	free := freeAddress(t)
	c := exec.Command("ancmbench", "serve", "--model=out-of-process", "--listen=127.0.0.1:0", "--tls-listen="+free, "--h2c", "--certificate=site.pem",
		"--basic-auth=users", "--negotiate-keytab=keytab", "--static-files=static", "--request-log=requests.log")
	c.Dir = dir
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer c.Process.Kill()
	var urls []string
	for lines := bufio.NewScanner(out); len(urls) < 3; {
		if !lines.Scan() {
			t.Fatalf("only %q was printed: %s", urls, stderr.String())
		}
		urls = append(urls, regexp.MustCompile(`https?://[0-9.:]+/`).FindString(lines.Text()))
		if printed := regexp.MustCompile(`https?://\S+`).FindString(lines.Text()); printed != urls[len(urls)-1]+"plaintext" {
			t.Errorf("%s is printed, and nothing answers there", printed) // what answers is asked below
		}
	}
	if want := "https://" + free + "/"; urls[1] != want {
		t.Errorf("TLS listens on %s, not on %s", urls[1], want)
	}
	second := exec.Command("ancmbench", "serve", "--listen=127.0.0.1:0", "--tls-listen="+free)
	if said, err := second.CombinedOutput(); second.ProcessState.ExitCode() != exitTool ||
		!strings.Contains(string(said), "cannot listen on "+free+": another program already does") {
		t.Errorf("on a port that is taken: %v: %s", err, said)
	}
	pem, err := os.ReadFile(filepath.Join(dir, "site.pem"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(pem, []byte("PRIVATE")) {
		t.Error("the private key is in the certificate's file")
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	for _, a := range []struct{ url, speak, user, want string }{
		{urls[0] + "plaintext", "http/1.1", "anna", "HTTP/1.1 200"},
		{urls[0] + "plaintext", "http/1.1", "", "HTTP/1.1 401"},
		{urls[1] + "plaintext", "http/1.1", "anna", "HTTP/1.1 200"},
		{urls[1] + "plaintext", "h2", "anna", "HTTP/2.0 200"},
		{urls[1] + "plaintext", "h2", "eve", "HTTP/2.0 401"},
		{urls[2] + "site.css", "h2c", "anna", "HTTP/2.0 200"},
	} {
		p := new(http.Protocols)
		p.SetHTTP1(a.speak == "http/1.1")
		p.SetHTTP2(a.speak == "h2")
		p.SetUnencryptedHTTP2(a.speak == "h2c")
		tr := &http.Transport{Protocols: p, TLSClientConfig: &tls.Config{RootCAs: pool}}
		r, _ := http.NewRequest(http.MethodGet, a.url, http.NoBody)
		if a.user != "" {
			r.SetBasicAuth(a.user, "se:cret")
		}
		resp, err := tr.RoundTrip(r)
		if err != nil {
			t.Fatalf("%s by %s: %v", a.url, a.speak, err)
		}
		resp.Body.Close()
		if got := fmt.Sprint(resp.Proto, " ", resp.StatusCode); got != a.want || resp.Header.Get(ancmbench.ModelHeader) != "out-of-process" {
			t.Errorf("%s by %s as %q: %s from %q, want %s", a.url, a.speak, a.user, got, resp.Header.Get(ancmbench.ModelHeader), a.want)
		}
		if offers := strings.Join(resp.Header.Values("WWW-Authenticate"), ", "); resp.StatusCode == http.StatusUnauthorized &&
			!(strings.Contains(offers, "Negotiate") && strings.Contains(offers, "Basic")) {
			t.Errorf("%s by %s: 401 offers %q", a.url, a.speak, offers)
		}
		tr.CloseIdleConnections()
	}
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	if code := c.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("exit code %d: %s", code, stderr.String())
	}
	log, err := os.ReadFile(filepath.Join(dir, "requests.log"))
	if n := bytes.Count(log, []byte(" GET /")); err != nil || n != 6 {
		t.Errorf("%d lines for 6 requests (%v):\n%s", n, err, log)
	}
}

// measured runs the command and gives its output and its results.
func measured(t *testing.T, c *exec.Cmd) (string, *ancmbench.Run) {
	t.Helper()
	const most = 3 // of attempts, on a machine that is too busy to hold the rate
	for n := 1; ; n++ {
		err := c.Run()
		if err == nil {
			break
		}
		stdout, stderr := output(c)
		if n == most || !tooBusy(c.ProcessState.ExitCode(), stdout+stderr) {
			t.Fatalf("%v\n%s\n%s", err, stdout, stderr)
		}
		t.Logf("once more: %s", stderr)
		if err := os.RemoveAll(filepath.Join(c.Dir, "out")); err != nil {
			t.Fatal(err)
		}
		again := exec.Command(c.Args[0], c.Args[1:]...)
		again.Dir, again.Env, again.Stdout, again.Stderr = c.Dir, c.Env, new(bytes.Buffer), new(bytes.Buffer)
		*c = *again
	}
	run, err := ancmbench.ReadRun(filepath.Join(c.Dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	stdout, _ := output(c)
	return strings.Join(strings.Fields(stdout), " "), run
}

func TestRunOverHTTP2(t *testing.T) {
	t.Parallel()
	onUnix(t)
	skipShort(t)
	c := command(t, newMark(t), "run", "--h2", "--profile=smoke", "--launches=1", "--static-files=.", "--out=out")
	stdout, run := measured(t, c)
	if want := "nethttp front over TLS (HTTP/2) behind static-files"; !strings.Contains(stdout, want) || !strings.Contains(stdout, "engine vegeta") {
		t.Errorf("the summary lacks %q:\n%s", want, stdout)
	}
	for _, target := range run.Targets {
		if target.Front != "nethttp" || target.Protocol != "h2" || !slices.Equal(target.Native, []string{"static-files"}) {
			t.Errorf("%+v", target)
		}
	}
	if !slices.Contains(run.Command, "--h2") {
		t.Errorf("%q does not repeat the run", run.Command)
	}
}

// A program of the user's is no reference model, and is compared by models that
// host it.
func TestRunHostsProgram(t *testing.T) {
	t.Parallel()
	onUnix(t)
	skipShort(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := command(t, newMark(t), "run", "--profile=smoke", "--launches=1", "--web-config=web.config", "--out=out")
	config := `<configuration><system.webServer><aspNetCore processPath="` + html.EscapeString(self) + `" hostingModel="inprocess">
<environmentVariables><environmentVariable name="` + programEnv + `" value="1"/></environmentVariables>
</aspNetCore></system.webServer></configuration>`
	if err := os.WriteFile(filepath.Join(c.Dir, "web.config"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	stdout, run := measured(t, c)
	if _, stderr := output(c); !strings.Contains(stderr, self+" is hosted out-of-process: processPath ") {
		t.Errorf("nothing is said of the hostingModel:\n%s", stderr)
	}
	if name := filepath.Base(self); run.Subject != ancmbench.SubjectProgram || !strings.Contains(stdout, "your program ("+name+") behind our module (Go, not IIS)") || strings.Contains(stdout, "reference models") {
		t.Errorf("subject %q:\n%s", run.Subject, stdout)
	}
	if name := filepath.Base(self); run.Program != name {
		t.Errorf("program %q, want %q", run.Program, name)
	}
	if len(run.Targets) != 2 || run.Targets[0].Model != ancmbench.Direct || run.Targets[1].Model != ancmbench.OutOfProcess {
		t.Errorf("targets %+v", run.Targets)
	}
	const notNET = "in-process only .NET programs are hosted"
	for models, why := range map[string]string{"both": notNET, "in-process": notNET, "direct,in-process": notNET, "direct,nginx": "model nginx hosts ancmbench's own app"} {
		mixed := exec.Command("ancmbench", "run", "--model="+models, "--web-config=web.config")
		mixed.Dir = c.Dir
		text, _ := mixed.CombinedOutput()
		if mixed.ProcessState.ExitCode() != exitUsage || !bytes.Contains(text, []byte(why)) {
			t.Errorf("%s: exit code %d: %s", models, mixed.ProcessState.ExitCode(), text)
		}
	}
}

func TestProgramLine(t *testing.T) {
	for _, c := range []struct {
		path, arguments string
		details         bool
		want            string
	}{
		{"dotnet", `.\Shop.dll`, false, `dotnet .\Shop.dll`},
		{`C:\Program Files\dotnet\dotnet.exe`, "Shop.dll", false, "dotnet.exe Shop.dll"},
		{"/srv/shop/bin/shop", "", false, "shop"},
		{"/srv/shop/bin/shop", "--key=abc /srv/shop/conf.d/shop.json", false, "shop --key=(withheld) shop.json"},
		{"/srv/shop/bin/shop", "--key=abc", true, "/srv/shop/bin/shop --key=abc"},
	} {
		if got := programLine(webconfig.Config{ProcessPath: c.path, Arguments: c.arguments}, c.details); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.path, c.arguments, got, c.want)
		}
	}
}

// freeAddress is a loopback address whose port nobody listens on, at the moment.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
