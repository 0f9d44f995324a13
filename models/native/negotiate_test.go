package native_test

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jcmturner/gofork/encoding/asn1"
	"github.com/jcmturner/gokrb5/v8/crypto"
	"github.com/jcmturner/gokrb5/v8/gssapi"
	"github.com/jcmturner/gokrb5/v8/iana/asnAppTag"
	"github.com/jcmturner/gokrb5/v8/iana/etypeID"
	"github.com/jcmturner/gokrb5/v8/iana/flags"
	"github.com/jcmturner/gokrb5/v8/iana/keyusage"
	"github.com/jcmturner/gokrb5/v8/iana/nametype"
	"github.com/jcmturner/gokrb5/v8/keytab"
	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/spnego"
	"github.com/jcmturner/gokrb5/v8/types"

	"ancmbench/models/native"
)

const (
	realm   = "TEST.INVALID"
	service = "HTTP/localhost"
)

// keys returns the keys of the service, made of a password, in a file.
func keys(t testing.TB, password string) (*keytab.Keytab, string) {
	t.Helper()
	k := keytab.New()
	if err := k.AddEntry(service, realm, password, time.Unix(1, 0), 1, etypeID.AES256_CTS_HMAC_SHA1_96); err != nil {
		t.Fatal(err)
	}
	b, err := k.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "keytab")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return k, path
}

// visit is one authentication as a KDC and a client would make it.
type visit struct {
	keys         *keytab.Keytab
	user         string
	claimedRealm string // in the authenticator
	ends         time.Time
	skew         time.Duration // of the client's clock
	mutual       bool
	plain        bool // without SPNEGO around it

	sessionKey types.EncryptionKey
	request    messages.APReq
}

// token makes the visit's token.
func (v *visit) token(t testing.TB) []byte {
	t.Helper()
	name := types.NewPrincipalName(nametype.KRB_NT_PRINCIPAL, v.user)
	now := time.Now().UTC()
	ticket, key, err := messages.NewTicket(name, realm, types.NewPrincipalName(nametype.KRB_NT_SRV_INST, service), realm,
		types.NewKrbFlags(), v.keys, etypeID.AES256_CTS_HMAC_SHA1_96, 1, now, now.Add(-time.Hour), v.ends, v.ends)
	if err != nil {
		t.Fatal(err)
	}
	authenticator, err := types.NewAuthenticator(v.claimedRealm, name)
	if err != nil {
		t.Fatal(err)
	}
	authenticator.CTime = authenticator.CTime.Add(v.skew)
	v.sessionKey = key
	if v.request, err = messages.NewAPReq(ticket, key, authenticator); err != nil {
		t.Fatal(err)
	}
	v.request.Authenticator = authenticator
	if v.mutual {
		types.SetFlag(&v.request.APOptions, flags.APOptionMutualRequired)
	}
	request, err := v.request.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return wrap(t, gssapi.OIDKRB5.OID(), kerberosToken(t, 1, request), v.plain)
}

// kerberosToken returns a token as in RFC 4121, 4.1; kind 1 is a request, 3 an error.
func kerberosToken(t testing.TB, kind byte, message []byte) []byte {
	t.Helper()
	b, err := asn1.Marshal(gssapi.OIDKRB5.OID())
	if err != nil {
		t.Fatal(err)
	}
	return tagged(t, 0, append(append(b, kind, 0), message...))
}

// tagged puts [APPLICATION tag] around b.
func tagged(t testing.TB, tag int, b []byte) []byte {
	t.Helper()
	out, err := asn1.Marshal(asn1.RawValue{Class: asn1.ClassApplication, Tag: tag, IsCompound: true, Bytes: b})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func wrap(t testing.TB, mechanism asn1.ObjectIdentifier, token []byte, plain bool) []byte {
	t.Helper()
	if plain {
		return token
	}
	outer := spnego.SPNEGOToken{Init: true, NegTokenInit: spnego.NegTokenInit{MechTokenBytes: token}}
	if mechanism != nil {
		outer.NegTokenInit.MechTypes = []asn1.ObjectIdentifier{mechanism}
	}
	b, err := outer.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func field(token []byte) string {
	return "Authorization: Negotiate " + base64.StdEncoding.EncodeToString(token) + "\r\n"
}

func TestNegotiate(t *testing.T) {
	t.Run("WA-01_negotiate", func(t *testing.T) { eachFront(t, testNegotiate) })
	t.Run("WA-01_negotiate_tells_who_we_are", func(t *testing.T) { eachFront(t, testMutual) })
	t.Run("WA-01_negotiate_beside_basic", func(t *testing.T) { eachFront(t, testBeside) })
}

func negotiate(t testing.TB, principal string) (*native.Negotiate, *keytab.Keytab) {
	t.Helper()
	k, path := keys(t, "of the service")
	n, err := native.NewNegotiate(path, principal)
	if err != nil {
		t.Fatal(err)
	}
	n.Next = next
	return n, k
}

func testNegotiate(t *testing.T, kind string) {
	n, own := negotiate(t, service)
	address := serve(t, kind, n, nil)
	others, _ := keys(t, "of another service")
	later := time.Now().Add(time.Hour)
	good := func(v visit) visit {
		if v.keys == nil {
			v.keys = own
		}
		if v.claimedRealm == "" {
			v.claimedRealm = realm
		}
		if v.ends.IsZero() {
			v.ends = later
		}
		v.user = orText(v.user, "anna")
		return v
	}
	first := good(visit{})
	used := field(first.token(t))
	of := func(v visit) string { v = good(v); return field(v.token(t)) }
	sealed, _ := first.request.Marshal()
	legacy := asn1.ObjectIdentifier(gssapi.OIDMSLegacyKRB5.OID())
	again := good(visit{plain: true})
	inner := again.token(t)
	cut := of(visit{})
	krbError, err := asn1.Marshal(struct{ A int }{5})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, fields, want string }{
		{"nothing", "", "401 401.2"},
		{"another scheme", "Authorization: Basic YTpi\r\n", "401 401.2"},
		{"a ticket", used, "200 app:anna@" + realm + ":/"},
		{"the same again", used, "401 401.1"},
		{"a new one", of(visit{}), "200 app:anna@" + realm + ":/"},
		{"in other letters", strings.Replace(of(visit{}), "Authorization: Negotiate", "authorization: NEGOTIATE ", 1), "200 app:anna@" + realm + ":/"},
		{"without SPNEGO", of(visit{plain: true}), "200 app:anna@" + realm + ":/"},
		{"as old Windows numbers it", field(wrap(t, legacy, inner, false)), "200 app:anna@" + realm + ":/"},
		{"an instance", of(visit{user: "anna/admin"}), "200 app:anna/admin@" + realm + ":/"},
		{"for another key", of(visit{keys: others}), "401 401.1"},
		{"of yesterday", of(visit{ends: time.Now().Add(-20 * time.Minute)}), "401 401.1"},
		{"from another hour", of(visit{skew: -time.Hour}), "401 401.1"},
		{"another realm claimed", of(visit{claimedRealm: "EVIL.INVALID"}), "401 401.1"},
		{"two", of(visit{}) + of(visit{}), "401 401.1"},
		{"no value", "Authorization: Negotiate \r\n", "401 401.2"},
		{"no base64", "Authorization: Negotiate !!!!\r\n", "401 401.1"},
		{"NTLM", "Authorization: Negotiate TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAGAbEdAAAADw==\r\n", "401 401.1"},
		{"an error instead of a ticket", field(kerberosToken(t, 3, tagged(t, asnAppTag.KRBError, krbError))), "401 401.1"},
		{"an error in SPNEGO", field(wrap(t, gssapi.OIDKRB5.OID(), kerberosToken(t, 3, tagged(t, asnAppTag.KRBError, krbError)), false)), "401 401.1"},
		{"no mechanism", field(wrap(t, nil, sealed, false)), "401 401.1"},
		{"SPNEGO itself as mechanism", field(wrap(t, gssapi.OIDSPNEGO.OID(), sealed, false)), "401 401.1"},
		{"no token inside", field(wrap(t, gssapi.OIDKRB5.OID(), nil, false)), "401 401.1"},
		{"cut", cut[:len(cut)/2/4*4+1] + "\r\n", "401 401.1"},
	} {
		resp, body := send(t, address, "GET / HTTP/1.1\r\n"+c.fields)
		if got := fmt.Sprint(resp.StatusCode, " ", body+resp.Header.Get("X-Ancm-Error")); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		want := ""
		if resp.StatusCode == 401 {
			want = "Negotiate"
		}
		if got := strings.Join(resp.Header.Values("WWW-Authenticate"), ", "); got != want {
			t.Errorf("%s: %d with challenge %q", c.name, resp.StatusCode, got)
		}
	}
}

func orText(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// The client finds its own time in the answer, in the key of the session.
func testMutual(t *testing.T, kind string) {
	n, own := negotiate(t, "")
	address := serve(t, kind, n, nil)
	for _, plain := range []bool{false, true} {
		v := visit{keys: own, user: "anna", claimedRealm: realm, ends: time.Now().Add(time.Hour), mutual: true, plain: plain}
		resp, body := send(t, address, "GET / HTTP/1.1\r\n"+field(v.token(t)))
		text, _ := strings.CutPrefix(resp.Header.Get("WWW-Authenticate"), "Negotiate ")
		token, err := base64.StdEncoding.DecodeString(text)
		if err != nil || resp.StatusCode != 200 || body != "app:anna@"+realm+":/" {
			t.Fatalf("plain %v: %d %q with %q, %v", plain, resp.StatusCode, body, text, err)
		}
		if !plain {
			var outer spnego.SPNEGOToken
			if err := outer.Unmarshal(token); err != nil || outer.NegTokenResp.State() != spnego.NegStateAcceptCompleted {
				t.Fatalf("%x: %v, %v", token, outer.NegTokenResp.State(), err)
			}
			token = outer.NegTokenResp.ResponseToken
		}
		var inner spnego.KRB5Token
		if err := inner.Unmarshal(token); err != nil || !inner.IsAPRep() {
			t.Fatalf("plain %v: %x is no reply: %v", plain, token, err)
		}
		b, err := crypto.DecryptEncPart(inner.APRep.EncPart, v.sessionKey, keyusage.AP_REP_ENCPART)
		if err != nil {
			t.Fatal(err)
		}
		var part messages.EncAPRepPart
		if err := part.Unmarshal(b); err != nil {
			t.Fatal(err)
		}
		if a := v.request.Authenticator; !part.CTime.Equal(a.CTime.Truncate(time.Second)) || part.Cusec != a.Cusec {
			t.Errorf("plain %v: the reply says %v %d, the client %v %d", plain, part.CTime, part.Cusec, a.CTime, a.Cusec)
		}
	}
}

func testBeside(t *testing.T, kind string) {
	n, own := negotiate(t, "")
	n.Basic = &native.Basic{Realm: "shop", Users: map[string]string{"bo": "secret"}}
	address := serve(t, kind, n, nil)
	v := visit{keys: own, user: "anna", claimedRealm: realm, ends: time.Now().Add(time.Hour)}
	for _, c := range []struct{ name, fields, want string }{
		{"nothing", "", "401 401.2"},
		{"a ticket", field(v.token(t)), "200 app:anna@" + realm + ":/"},
		{"a password", "Authorization: Basic Ym86c2VjcmV0\r\n", "200 app:bo:/"},
		{"a wrong password", "Authorization: Basic Ym86eA==\r\n", "401 401.1"},
		{"a bad ticket", "Authorization: Negotiate YII=\r\n", "401 401.1"},
	} {
		resp, body := send(t, address, "GET / HTTP/1.1\r\n"+c.fields)
		if got := fmt.Sprint(resp.StatusCode, " ", body+resp.Header.Get("X-Ancm-Error")); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		const both = `Negotiate, Basic realm="shop", charset="UTF-8"`
		if got := strings.Join(resp.Header.Values("WWW-Authenticate"), ", "); (resp.StatusCode == 401) != (got == both) {
			t.Errorf("%s: %d with challenges %q", c.name, resp.StatusCode, got)
		}
	}
}

func TestNegotiateKeys(t *testing.T) {
	_, path := keys(t, "x")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, principal string
		data            []byte
		want            string
	}{
		{"whole", "", whole, ""},
		{"whole", service, whole, ""},
		{"whole", service + "@" + realm, whole, ""},
		{"whole", service + "@OTHER", whole, "has no key of " + service + "@OTHER"},
		{"whole", "HTTP/other", whole, "has no key of HTTP/other"},
		{"cut", "", whole[:len(whole)/2], "keytab "},
		{"empty", "", nil, "keytab "},
		{"no keys", "", append(whole[:2:2], 0, 0, 0, 0), "has no keys"},
		{"text", "", []byte("anna:secret\n"), "keytab "},
	} {
		if err := os.WriteFile(path, c.data, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := native.NewNegotiate(path, c.principal)
		if (c.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, principal %q: %v, want %q", c.name, c.principal, err, c.want)
		}
	}
	if _, err := native.NewNegotiate(path+".not", ""); err == nil {
		t.Error("no file, and no error")
	}
}
