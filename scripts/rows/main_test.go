package main

import (
	"bytes"
	"strings"
	"testing"
)

const table = "| CF-01 | what | `CF-01_a`<br>`CF-01_b_*` | shown |\n"

func TestCheck(t *testing.T) {
	end := func(action, test string) string {
		return `{"Action":"` + action + `","Package":"p","Test":"` + test + `"}` + "\n"
	}
	a, b := end("pass", "TestX/CF-01_a"), end("pass", "TestX/CF-01_b_1")
	const over = `{"Action":"pass","Package":"p"}` + "\n"
	none, err := lacking("")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, in string
		some     bool
		says     string
		fails    bool
	}{
		{"both", a + b + over, false, "2 of 2 tests", false},
		{"deeper, and again", end("pass", "TestX/y/CF-01_a#01") + b + over, false, "2 of 2 tests", false},
		{"one not run", a + over, false, "CF-01_b_* did not run", true},
		{"the name with more is another", end("pass", "TestX/CF-01_a_more") + b + over, false, "CF-01_a did not run", true},
		{"one skipped", a + end("skip", "TestX/CF-01_b_1") + over, false, "CF-01_b_* was skipped", true},
		{"skipped among others", a + b + end("skip", "TestX/CF-01_b_2") + over, false, "CF-01_b_* was skipped", true},
		{"skipped where that may be", a + end("skip", "TestX/CF-01_b_1") + over, true, "1 of 2 tests", false},
		{"failed", a + b + `{"Action":"output","Package":"p","Test":"TestZ","Output":"why\n"}` + "\n" + end("fail", "TestZ"), true, "why", true},
		{"does not compile", a + b + `{"Action":"build-output","ImportPath":"p","Output":"undefined\n"}{"Action":"build-fail","ImportPath":"p"}`, true, "undefined", true},
		{"another's text", "ok p 0.1s", true, "", true},
		{"another's JSON", `{"name":"x"}{"name":"y"}`, true, "", true},
		{"nothing", "", false, "", true},
		{"nothing, where tests may be skipped", "", true, "", true},
		{"cut off behind a line", a + b + `{"Action":"run","Package":"q","Test":"TestY"}`, true, "", true},
		{"cut off in a line", (a + b)[:len(a)+20], true, "", true},
	} {
		var out bytes.Buffer
		err := check(strings.NewReader(c.in), &out, table, c.some, none)
		if (err != nil) != c.fails || !strings.Contains(out.String(), c.says) {
			t.Errorf("%s: %v, and says %q, want %q", c.name, err, out.String(), c.says)
		}
	}
	if check(strings.NewReader(a), new(bytes.Buffer), "no table", true, none) == nil {
		t.Error("a table without tests is taken")
	}
}

// What a machine lacks excuses the tests that need it, and no other.
func TestCheckOfMissingFiles(t *testing.T) {
	const table = "| CF-01 | what | `CF-01_a`<br>`CF-01_b_ASP.NET` | shown |\n"
	absent, err := lacking(`ASP\.NET`)
	if err != nil {
		t.Fatal(err)
	}
	const over = `{"Action":"pass","Package":"p"}` + "\n"
	a, b := `{"Action":"pass","Package":"p","Test":"T/CF-01_a"}`+"\n", `{"Action":"pass","Package":"p","Test":"T/CF-01_b_ASP.NET"}`+"\n"
	skipped := strings.Replace(b, "pass", "skip", 1)
	for _, c := range []struct {
		in, says string
		fails    bool
	}{
		{a + skipped + over, "CF-01_b_ASP.NET was skipped", false},
		{a + over, "CF-01_b_ASP.NET did not run", false},
		{a + b + over, "2 of 2", false},
		{skipped + over, "CF-01_a did not run", true},
		{a + strings.Replace(b, "pass", "fail", 1) + over, "", true},
	} {
		var out bytes.Buffer
		if err := check(strings.NewReader(c.in), &out, table, false, absent); (err != nil) != c.fails || !strings.Contains(out.String(), c.says) {
			t.Errorf("%q: %v, and says %q, want %q", c.in, err, out.String(), c.says)
		}
	}
}
