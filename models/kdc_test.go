//go:build unix

package models_test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	krb5 "github.com/jcmturner/gokrb5/v8/client"
	"github.com/jcmturner/gokrb5/v8/config"
	"github.com/jcmturner/gokrb5/v8/spnego"

	"ancmbench"
	"ancmbench/models"
)

const (
	realm        = "TEST.INVALID"
	service      = "HTTP/localhost"
	otherService = "HTTP/other.test.invalid"
)

// kdc is a key distribution centre of one test: a realm in a folder, MIT's server
// on a loopback port.
type kdc struct {
	dir  string
	conf *config.Config
	env  []string
}

// program finds one that distributions keep where only root looks.
func program(t *testing.T, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	for _, dir := range []string{"/usr/sbin", "/usr/local/sbin", "/usr/lib/mit/sbin"} {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path
		}
	}
	t.Skipf("%s is not on this machine (Debian: krb5-kdc, krb5-admin-server)", name)
	return ""
}

// startKDC makes the realm with the user anna, whose password is "secret", and
// two services, and gives the keytab of each.
func startKDC(t *testing.T) (k kdc, keytab, otherKeytab string) {
	t.Helper()
	server, create, admin := program(t, "krb5kdc"), program(t, "kdb5_util"), program(t, "kadmin.local")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	k.dir = t.TempDir()
	in := func(name string) string { return filepath.Join(k.dir, name) }
	conf := fmt.Sprintf(`[libdefaults]
 default_realm = %[1]s
 dns_lookup_kdc = false
 dns_lookup_realm = false
 dns_canonicalize_hostname = false
 rdns = false
 udp_preference_limit = 1
[realms]
 %[1]s = {
  kdc = %[2]s
 }
[domain_realm]
 localhost = %[1]s
[logging]
 default = FILE:%[3]s
`, realm, address, in("log"))
	write(t, in("krb5.conf"), conf)
	write(t, in("kdc.conf"), fmt.Sprintf(`[kdcdefaults]
 kdc_listen = ""
 kdc_tcp_listen = %[2]s
[realms]
 %[1]s = {
  database_name = %[3]s/principal
  key_stash_file = %[3]s/stash
  acl_file = %[3]s/acl
  supported_enctypes = aes256-cts-hmac-sha1-96:normal
 }
`, realm, address, k.dir))
	k.env = append(os.Environ(), "KRB5_CONFIG="+in("krb5.conf"), "KRB5_KDC_PROFILE="+in("kdc.conf"), "KRB5CCNAME=FILE:"+in("tickets"))
	k.run(t, "", create, "create", "-s", "-r", realm, "-P", "of the realm")
	keytab, otherKeytab = in("keytab"), in("other.keytab")
	for _, command := range []string{"addprinc -pw secret anna", "addprinc -randkey " + service, "addprinc -randkey " + otherService,
		"ktadd -k " + keytab + " " + service, "ktadd -k " + otherKeytab + " " + otherService} {
		k.run(t, "", admin, "-r", realm, "-q", command)
	}
	run := exec.CommandContext(t.Context(), server, "-n", "-r", realm)
	run.Env = k.env
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- run.Wait() }()
	t.Cleanup(func() { <-ended }) // the test's context has ended it
	for tick := time.NewTicker(5 * time.Millisecond); ; <-tick.C {
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close()
			break
		}
		select {
		case err := <-ended:
			ended <- err
			log, _ := os.ReadFile(in("log"))
			t.Fatalf("krb5kdc: %v\n%s", err, log)
		default:
		}
	}
	if k.conf, err = config.NewFromString(conf); err != nil {
		t.Fatal(err)
	}
	return k, keytab, otherKeytab
}

func (k kdc) run(t *testing.T, input string, program string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Env, cmd.Stdin = k.env, strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", filepath.Base(program), err, out)
	}
	return string(out)
}

// ticket logs anna in and gives the Authorization field for one request.
func (k kdc) ticket(t *testing.T, to string) string {
	t.Helper()
	c := krb5.NewWithPassword("anna", realm, "secret", k.conf, krb5.DisablePAFXFAST(true))
	defer c.Destroy()
	r, _ := http.NewRequest(http.MethodGet, "http://localhost/", http.NoBody)
	if err := spnego.SetSPNEGOHeader(c, r, to); err != nil {
		log, _ := os.ReadFile(filepath.Join(k.dir, "log"))
		t.Fatalf("%v\n%s", err, log)
	}
	return r.Header.Get("Authorization")
}

// Tickets of a real KDC, in front of either model: same answers, same user.
func TestKerberos(t *testing.T) {
	k, keytab, otherKeytab := startKDC(t)
	for _, model := range []ancmbench.Model{ancmbench.InProcess, ancmbench.OutOfProcess} {
		t.Run("WA-01_WA-02_kerberos_"+string(model), func(t *testing.T) { testKerberos(t, k, model, keytab) })
	}
	t.Run("WA-01_key_of_another_service", func(t *testing.T) {
		s := site(t, models.Options{Model: ancmbench.OutOfProcess, Native: models.NativeModules{Keytab: otherKeytab}})
		if got := k.ask(t, s, k.ticket(t, service)); got != "401 401.1 Negotiate" {
			t.Errorf("a ticket for another service: %s", got)
		}
		if got := k.ask(t, s, k.ticket(t, otherService)); got != "anna@"+realm+" by Negotiate" {
			t.Errorf("its own: %s", got)
		}
	})
}

// ask returns whom the app sees, or the refusal.
func (k kdc) ask(t *testing.T, s *models.Site, authorization string) string {
	t.Helper()
	change := func(r *http.Request) {
		if authorization != "" {
			r.Header.Set("Authorization", authorization)
		}
	}
	seen, err := seenBy(t, s, change)
	if err == nil {
		return user(seen)
	}
	r, _ := http.NewRequest(http.MethodGet, "http://"+s.Address()+"/whoami", http.NoBody)
	change(r)
	a, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = a.Body.Close()
	return fmt.Sprint(a.StatusCode, " ", a.Header.Get("X-Ancm-Error"), " ", a.Header.Get("WWW-Authenticate"))
}

func testKerberos(t *testing.T, k kdc, model ancmbench.Model, keytab string) {
	s := site(t, models.Options{Model: model, Native: models.NativeModules{Keytab: keytab, Principal: service}})
	const anna = "anna@" + realm + " by Negotiate"
	used := k.ticket(t, service)
	for _, c := range []struct{ name, authorization, want string }{
		{"no ticket", "", "401 401.2 Negotiate"},
		{"a ticket", used, anna},
		{"the same again", used, "401 401.1 Negotiate"},
		{"another", k.ticket(t, service), anna},
		{"for another service", k.ticket(t, otherService), "401 401.1 Negotiate"},
		{"garbage", "Negotiate YIIGhgYGKwYBBQUCoIIGejCCBnagMDAuBgkqhkiC9xIBAgIG", "401 401.1 Negotiate"},
		{"a password", "Basic YW5uYTpzZWNyZXQ=", "401 401.2 Negotiate"},
	} {
		if got := k.ask(t, s, c.authorization); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if model == ancmbench.OutOfProcess {
		r, _ := http.NewRequest(http.MethodGet, "http://"+s.Address()+"/env/ASPNETCORE_IIS_HTTPAUTH", http.NoBody)
		r.Header.Set("Authorization", k.ticket(t, service))
		a, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		b := make([]byte, 100)
		if n, _ := a.Body.Read(b); string(b[:n]) != "windows;" {
			t.Errorf("the app is told of authentication %q", b[:n])
		}
	}
	t.Run("curl", func(t *testing.T) { k.curl(t, s) })
}

// curl asks as a browser would, with MIT's library on its side: it wants to know
// who we are, and checks that.
func (k kdc) curl(t *testing.T, s *models.Site) {
	t.Helper()
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("skipped: no curl on this machine")
	}
	kinit, err := exec.LookPath("kinit")
	if err != nil {
		t.Skip("skipped: no kinit on this machine (Debian: krb5-user)")
	}
	version := k.run(t, "", curl, "--version")
	if !strings.HasPrefix(version, "curl ") || !strings.Contains(version, "\nFeatures: ") {
		t.Fatalf("curl says of itself %q", version)
	}
	if !strings.Contains(version, "SPNEGO") {
		t.Skip("skipped: this curl does not speak SPNEGO")
	}
	k.run(t, "secret\n", kinit, "anna@"+realm)
	_, port, _ := net.SplitHostPort(s.Address())
	out := k.run(t, "", curl, "-sS", "-i", "--noproxy", "*", "-4", "--max-time", "20", "--negotiate", "-u", ":", "http://localhost:"+port+"/whoami")
	if !strings.Contains(out, "HTTP/1.1 200 OK\r\n") || !strings.Contains(out, `"name": "anna@`+realm+`"`) {
		t.Errorf("curl got\n%s", out)
	}
}
