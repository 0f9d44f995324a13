package main

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// secretWord is in every password and query, whatever is around it.
const secretWord = "PassW0rdX"

// secretURLs are URLs, and slips of the pen that were meant as such, with a password or
// a query in each.
func secretURLs() []string {
	urls := []string{
		"http://user:" + secretWord + "@host/?token=x",
		"http://host/?token=" + secretWord,
		"http://host/a?b#" + secretWord,
		"https://" + secretWord + "@127.0.0.1:80/",
		"http://user:" + secretWord + "@127.0.0.1:5x99/",
		"http://user:" + secretWord + "@[::1/",
		"http:/user:" + secretWord + "@host/",
		"user:" + secretWord + "@host/",
		"ftp://user:" + secretWord + "@host/",
		"http://user:" + secretWord + "@host:99999/?q=" + secretWord,
		"http://user:" + secretWord + "%zz@host/",
		"http://user:" + secretWord + "/@host/",
		"http://user:" + secretWord + "?@host/",
		"http://user:" + secretWord + "#@host/",
		"http://us er:" + secretWord + " x@host/",
		"http://user:\"" + secretWord + "'@host/",
		"http://user:\\" + secretWord + "\x1b[31m@host/",
		"http://127.0.0.1:1/ ?token=" + secretWord,
	}
	rng := rand.New(rand.NewPCG(1, 1))
	const odd = "@:/?#%=&\"'\\ \t[]{}é\x01"
	for range 40 {
		noise := func() string {
			var b strings.Builder
			for range rng.IntN(4) {
				b.WriteByte(odd[rng.IntN(len(odd))])
			}
			return b.String()
		}
		urls = append(urls, "http://user:"+noise()+secretWord+noise()+"@host/"+noise(), "http://127.0.0.1:1/?x="+noise()+secretWord+noise())
	}
	return urls
}

// said is what a command line is answered with on the terminal, by the error alone.
func said(t *testing.T, args []string) (string, int) {
	t.Helper()
	err := refusalOf(t, args)
	if err == nil {
		return "", exitOK
	}
	return withoutSecrets(err.Error(), args), exitCode(t.Context(), err)
}

func leaks(text string) bool {
	plain, err := strconv.Unquote(`"` + text + `"`)
	return strings.Contains(text, secretWord) || err == nil && strings.Contains(plain, secretWord)
}

// No error shows what a URL has before its @ or behind its ?, in whatever place of
// whatever verb it was given, and however wrongly it is written.
func TestErrorsShowNoSecrets(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Chdir(t.TempDir())
	refused := 0
	check := func(args ...string) {
		t.Helper()
		text, code := said(t, args)
		if leaks(text) {
			t.Errorf("ancmbench %q says\n%s", args, text)
		}
		if code == exitUsage || code == exitTool {
			refused++
		}
	}
	for _, u := range secretURLs() {
		check("load", u, "-d", "0")
		check("load", u, u, "-d", "0")
		check("run", "--rate=5", "--target", u, "--target=b="+u)
		check("run", "--rate=5", "--target", "a="+u, "--target", "a="+u)
		check("run", u)
		check(u)
		check("report", u)
		check("help", u)
		check("gate", "--budget=p99<=1ms", "--path="+u, "--against="+u)
		check("gate", "--base=curl "+u, "--head=a", "--margin=x")
	}
	// Every flag, of which one is as easily mistaken for another as any.
	for _, c := range newRoot().Commands() {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Value.Type() == "bool" || f.Name == "out" || f.Name == "append-history" || c.Name() == "serve" {
				return // what makes folders, or listens
			}
			for _, u := range secretURLs()[:12] {
				check(c.Name(), "--"+f.Name+"="+u, "--no-such-flag")
				check(c.Name(), "--"+f.Name, u, "x", "y", "z")
			}
		})
	}
	if refused < 500 {
		t.Errorf("%d command lines were refused: too few to say anything", refused)
	}
}

// What an error shows of a URL is enough to know it by.
func TestShownURL(t *testing.T) {
	for raw, want := range map[string]string{
		"http://user:pw@host:80/path?q=1": "http://host:80/path?...",
		"http://127.0.0.1:5000/":          "http://127.0.0.1:5000/",
		"a=http://u@h/":                   "a=http://h/",
		"user:pw@host":                    "host",
		"plain":                           "plain",
		"x?y=http://a@b":                  "(URL)",
	} {
		if got := shownURL(raw); got != want {
			t.Errorf("%s is shown as %s, want %s", raw, got, want)
		}
	}
	if got := withoutSecrets(`Get "http://u:pw@h/?t=1": refused`, nil); got != `Get "http://h/?...": refused` {
		t.Errorf("a URL of nobody's arguments: %s", got)
	}
}

func FuzzShownURL(f *testing.F) {
	for _, u := range secretURLs() {
		f.Add(u)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		shown := shownURL(raw)
		if strings.Contains(shown, "@") || len(shown) > len(raw)+5 {
			t.Errorf("%q is shown as %q", raw, shown)
		}
		if _, rest, found := strings.Cut(shown, "?"); found && rest != "..." {
			t.Errorf("%q is shown as %q", raw, shown)
		}
	})
}
