package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ancmbench"
	"ancmbench/experiment"
)

// requestFlags say what is requested and what a right answer is. They are the same in load,
// run and gate.
type requestFlags struct {
	method, path, body            string
	headers, requests             []string
	vars, varsOrder               string
	expect, expectPart, expectSum string
	// given reports whether a flag was given, even an empty one; nil takes those that are
	// not empty.
	given func(flag string) bool
}

// has reports whether a flag with that value was given.
func (f *requestFlags) has(flag, value string) bool {
	return value != "" || f.given != nil && f.given(flag)
}

// addRequestFlags adds the flags to a command. gate has a --path of its own.
func addRequestFlags(c *cobra.Command, f *requestFlags) {
	fl := c.Flags()
	f.given = fl.Changed
	fl.StringVarP(&f.method, "method", "m", "", "request method (empty = the profile's, or GET)")
	fl.StringArrayVarP(&f.headers, "header", "H", nil, "request header, 'Name: value', or @FILE with one on each line: a secret does not show in the list of processes then")
	fl.StringVar(&f.body, "body", "", "request body, or @FILE")
	fl.StringArrayVar(&f.requests, "request", nil, "one of several requests, 'METHOD PATH [WEIGHT]', as 'GET /a 3'; may be repeated")
	fl.StringVar(&f.vars, "vars", "", "CSV file with names in its first line: {{name}} in a path, a header or a body stands for a value")
	fl.StringVar(&f.varsOrder, "vars-order", "next", "next: request n takes row n; random: rows drawn by the seed")
	fl.StringVar(&f.expect, "expect", "", "statuses that count as right answers, as 2xx,304 (empty = the profile's, or 2xx); --expect-status is the same")
	fl.StringVar(&f.expectPart, "expect-body-contains", "", "text that the body of a right answer contains, or @FILE")
	fl.StringVar(&f.expectSum, "expect-body-sha256", "", "SHA-256 of the body of a right answer, or @FILE with that body")
	if fl.Lookup("path") == nil {
		fl.StringVar(&f.path, "path", "", "path and query to request (empty = those of the URL, or the profile's)")
	}
	fl.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == "expect-status" {
			name = "expect"
		}
		return pflag.NormalizedName(name)
	})
	_ = c.RegisterFlagCompletionFunc("vars-order", cobra.FixedCompletions([]string{"next", "random"}, cobra.ShellCompDirectiveNoFileComp))
}

// asked is what the request flags say, in the form of the nouns.
type asked struct {
	method, path string // empty if not given
	header       []ancmbench.Field
	host         string // of -H Host
	body         []byte
	bodyGiven    bool
	requests     []ancmbench.Request
	vars         *ancmbench.Vars
	expect       *ancmbench.Expect // nil if nothing is
}

// read checks the flags, reads their files, and returns all faults at once.
func (f *requestFlags) read() (asked, error) {
	a := asked{method: f.method, path: f.path, bodyGiven: f.has("body", f.body)}
	var faults []error
	note := func(err error) {
		if err != nil {
			faults = append(faults, err)
		}
	}
	note(f.leftOut())
	note(checkMethod("-m, --method", f.method))
	note(checkPath("--path", f.path))
	note(a.readHeaders(f.headers))
	var err error
	if a.body, err = textOrFile("--body", f.body); err != nil {
		note(err)
	}
	for _, text := range f.requests {
		q, err := parseRequest(text)
		note(err)
		a.requests = append(a.requests, q)
	}
	if len(f.requests) > 0 && (f.method != "" || f.path != "") {
		note(errors.New("--request has the method and the path: it takes no --method and no --path"))
	}
	note(a.readVars(f))
	note(a.readExpect(f))
	return a, errors.Join(faults...)
}

// checkMethod returns an error for what is no method. A CONNECT opens a tunnel.
func checkMethod(flag, method string) error {
	switch {
	case strings.ContainsFunc(method, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r) }):
		return fmt.Errorf("%s %q: is no token (RFC 9110, 9.1)", flag, method)
	case method == "CONNECT":
		return fmt.Errorf("%s CONNECT: opens a tunnel, and nothing answers it", flag)
	}
	return nil
}

// checkPath never shows the query, which may hold a secret.
func checkPath(flag, path string) error {
	if path == "" || (strings.HasPrefix(path, "/") || strings.HasPrefix(path, "{{")) && !strings.ContainsFunc(path, func(r rune) bool { return r <= ' ' || r == '#' || r == 0x7f }) {
		return nil
	}
	return fmt.Errorf("%s %q: must begin with a slash, without any space, # or control character", flag, withoutQuery(path))
}

// textOrFile returns a text, or the content of the file that @FILE names.
func textOrFile(flag, text string) ([]byte, error) {
	path, isFile := strings.CutPrefix(text, "@")
	if !isFile {
		return []byte(text), nil
	}
	b, err := ancmbench.ReadInput(path, maxBodyFile)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	return b, nil
}

// readHeaders reads -H, in which @FILE stands for the lines of a file.
func (a *asked) readHeaders(headers []string) error {
	var faults []error
	var lines []string
	for _, h := range headers {
		if path, isFile := strings.CutPrefix(h, "@"); isFile {
			text, err := ancmbench.ReadInput(path, maxHeaderFile)
			if err != nil {
				faults = append(faults, fmt.Errorf("-H, --header: %w", err))
			}
			for line := range strings.Lines(string(text)) {
				if line = strings.TrimRight(line, "\r\n"); line != "" {
					lines = append(lines, line)
				}
			}
			continue
		}
		lines = append(lines, h)
	}
	hosts := 0
	for _, line := range lines {
		field, err := parseHeader(line)
		switch name := strings.ToLower(field.Name); {
		case err != nil:
			faults = append(faults, err)
		case field.GRPC():
			faults = append(faults, fmt.Errorf("-H, --header %s: %s", field.Name, ancmbench.GRPCUnsupported))
		case name == "host" && field.Value == "":
			faults = append(faults, errors.New("-H, --header Host: needs a value"))
		case name == "host":
			a.host = field.Value
			hosts++
		case name == "content-length" || name == "transfer-encoding":
			faults = append(faults, fmt.Errorf("-H, --header %s: is set from --body and cannot be given", field.Name))
		default:
			a.header = append(a.header, field)
		}
	}
	if hosts > 1 {
		faults = append(faults, errors.New("-H, --header Host: a request has exactly one (RFC 9112, 3.2)"))
	}
	return errors.Join(faults...)
}

// maxHeaderFile limits a file of header fields.
const maxHeaderFile = 64 << 10

// parseHeader reads 'Name: value'.
func parseHeader(s string) (ancmbench.Field, error) {
	name, value, found := strings.Cut(s, ":")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !found || name == "" || strings.ContainsAny(s, "\r\n") {
		return ancmbench.Field{}, fmt.Errorf("-H, --header: want 'Name: value'") // never the value: it may be a credential
	}
	return ancmbench.Field{Name: name, Value: value}, nil
}

// parseRequest reads 'METHOD PATH [WEIGHT]'; the method may be left out.
func parseRequest(text string) (ancmbench.Request, error) {
	words := strings.Fields(text)
	if len(words) > 0 && (strings.HasPrefix(words[0], "/") || strings.HasPrefix(words[0], "{{")) {
		words = append([]string{"GET"}, words...)
	}
	if len(words) < 2 || len(words) > 3 {
		return ancmbench.Request{}, errors.New("--request: want 'METHOD PATH [WEIGHT]', as 'GET /a 3'")
	}
	q := ancmbench.Request{Method: words[0], Path: words[1]}
	var faults []error
	if err := errors.Join(checkMethod("--request", q.Method), checkPath("--request", q.Path)); err != nil {
		faults = append(faults, err)
	}
	if len(words) == 3 {
		weight, err := finite(words[2])
		if q.Weight = weight; err != nil || weight <= 0 || weight > 1e6 {
			faults = append(faults, fmt.Errorf("--request %s %s: the weight %q must be a number above 0 and up to 1000000", q.Method, withoutQuery(q.Path), words[2]))
		}
	}
	return q, errors.Join(faults...)
}

func (a *asked) readVars(f *requestFlags) error {
	if !slices.Contains([]string{"", "next", "random"}, f.varsOrder) {
		return fmt.Errorf("--vars-order %s: must be next or random", f.varsOrder)
	}
	if f.vars == "" {
		if f.given != nil && f.given("vars-order") {
			return errors.New("--vars-order is the order of the rows of --vars, and there is none")
		}
		return nil
	}
	text, err := ancmbench.ReadInput(f.vars, ancmbench.MaxVarsFile)
	if err == nil {
		a.vars, err = ancmbench.ParseVars(text)
	}
	if err != nil {
		return fmt.Errorf("--vars: %w", err)
	}
	a.vars.Random = f.varsOrder == "random"
	return nil
}

func (a *asked) readExpect(f *requestFlags) error {
	var e ancmbench.Expect
	var faults []error
	statuses := f.has("expect", f.expect)
	if statuses {
		var err error
		if e.Statuses, err = ancmbench.ParseStatuses(f.expect); err != nil {
			faults = append(faults, fmt.Errorf("--expect %s: %w", f.expect, err))
		}
	}
	part, err := textOrFile("--expect-body-contains", f.expectPart)
	e.BodyContains = string(part)
	faults = append(faults, err)
	e.BodySHA256, err = hashOrFile(f.expectSum)
	faults = append(faults, err)
	if statuses || f.expectPart != "" || f.expectSum != "" {
		a.expect = &e
	}
	return errors.Join(faults...)
}

// escapedVariable is {{name}} as a URL has it after it was parsed.
var escapedVariable = regexp.MustCompile(`%7B%7B([A-Za-z_][A-Za-z0-9_.-]*)%7D%7D`)

// withVariables returns the path of a URL with its variables as they were typed, if there
// are values for them.
func (a asked) withVariables(path string) string {
	if a.vars == nil {
		return path
	}
	return escapedVariable.ReplaceAllString(path, "{{$1}}")
}

// over returns a workload with what the flags say in place of its own. A path is that of
// one request; it fails if the workload has several.
func (a asked) over(w ancmbench.Workload) (ancmbench.Workload, error) {
	w.Requests = slices.Clone(w.Requests)
	if len(a.requests) > 0 {
		w = ancmbench.Workload{Name: "requests", Requests: slices.Clone(a.requests)}
	}
	if a.path != "" && len(w.Requests) > 1 {
		return w, fmt.Errorf("--path: the workload %s has %d requests with paths of their own: give --request for each", w.Name, len(w.Requests))
	}
	for i := range w.Requests {
		q := &w.Requests[i]
		if a.method != "" {
			q.Method = a.method
		}
		if a.path != "" {
			q.Path = a.path
		}
		q.Header = overHeader(q.Header, a.header)
		if a.bodyGiven && (len(a.requests) == 0 || takesBody(q.Method)) {
			q.Body = a.body
		}
		if a.expect != nil {
			both := ancmbench.Expect{}.With(q.Expect).With(a.expect)
			q.Expect = &both
		}
	}
	if a.vars != nil {
		w.Vars = a.vars
	}
	if err := w.CheckVars(); err != nil {
		return w, fmt.Errorf("--vars: %w", err)
	}
	return w, nil
}

// overHeader returns the fields with those of the flags in place of the same names.
func overHeader(fields, flags []ancmbench.Field) []ancmbench.Field {
	kept := slices.DeleteFunc(slices.Clone(fields), func(f ancmbench.Field) bool {
		return slices.ContainsFunc(flags, func(g ancmbench.Field) bool { return strings.EqualFold(f.Name, g.Name) })
	})
	return append(kept, flags...)
}

// takesBody reports whether --body goes with a --request of that method: not with those to
// which a body means nothing (RFC 9110 9.3).
func takesBody(method string) bool {
	return !slices.Contains([]string{"GET", "HEAD", "DELETE", "OPTIONS", "TRACE"}, method)
}

// maxBodyFile is the largest body that is accepted: each connection sends it from memory.
const maxBodyFile = 64 << 20

// leftOut returns an error if a request flag has the word that stands for a value which was
// left out of a results file: as it is, it would be another request.
func (f *requestFlags) leftOut() error {
	for flag, values := range map[string][]string{"-H, --header": f.headers, "--body": {f.body}, "--path": {f.path}, "--request": f.requests,
		"--expect-body-contains": {f.expectPart}} {
		for _, v := range values {
			if strings.Contains(v, experiment.Withheld) {
				return fmt.Errorf("%s: %s stands for a value that was left out of the results: write the value", flag, experiment.Withheld)
			}
		}
	}
	return nil
}

// hashOrFile returns the hash of --expect-body-sha256, in lower case, or that of the file
// that @FILE names; it is empty if the flag is.
func hashOrFile(text string) (string, error) {
	const flag = "--expect-body-sha256"
	if strings.HasPrefix(text, "@") {
		body, err := textOrFile(flag, text)
		if err != nil {
			return "", err
		}
		sum := sha256.Sum256(body)
		return hex.EncodeToString(sum[:]), nil
	}
	if sum, err := hex.DecodeString(text); text != "" && (err != nil || len(sum) != sha256.Size) {
		return "", fmt.Errorf("%s %q: must be 64 hexadecimal digits, or @FILE", flag, text)
	}
	return strings.ToLower(text), nil
}
