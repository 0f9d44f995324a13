package profiles

import (
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"ancmbench"
)

var (
	programName  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$`)
	variableName = regexp.MustCompile(`^[!-<>-~]+$`) // printable, without =
	inBraces     = regexp.MustCompile(`\{(port|listen|socket|upstream|upstream-socket)\}`)
)

// measured returns the targets that are measured, not only run behind others.
func measured(servers []ancmbench.Server) []ancmbench.Server {
	return slices.DeleteFunc(slices.Clone(servers), func(s ancmbench.Server) bool { return s.Unmeasured })
}

// Servers returns the faults of targets of the user's: a Fault's key is that of a profile,
// and models are the bundled models beside them.
func Servers(servers []ancmbench.Server, models []ancmbench.Model) error {
	c := new(check)
	c.targets(ancmbench.Profile{Targets: servers, Models: models})
	if len(c.faults) > 0 {
		return c.faults
	}
	return nil
}

// targets checks a profile's targets and what they need.
func (c *check) targets(p ancmbench.Profile) {
	for i, name := range p.Needs {
		c.must(programName.MatchString(name), fmt.Sprintf("needs[%d]", i), "%q is not the name of a program, such as nginx", short(name))
	}
	if p.Targets == nil {
		return
	}
	count := len(measured(p.Targets)) + len(p.Models)
	c.must(count >= 2, "targets", "there must be two or more that are measured; the first is the baseline")
	c.must(count <= ancmbench.MaxTargets, "targets", "%d are given, and a run has at most %d", count, ancmbench.MaxTargets)
	for i, s := range p.Targets {
		key := fmt.Sprintf("targets[%d]", i)
		c.server(s, key)
		taken := slices.ContainsFunc(p.Targets[:i], func(o ancmbench.Server) bool { return o.Name == s.Name })
		c.must(s.Name == "" || !taken, key+".name", "%q names two targets", short(s.Name))
		c.must(!slices.Contains(p.Models, ancmbench.Model(s.Name)), key+".name", "%q is the name of a model that is measured too", short(s.Name))
		c.before(s, p.Targets, key+".before")
	}
}

// server checks one target by itself.
func (c *check) server(s ancmbench.Server, key string) {
	c.none(nameProblem(s.Name), key+".name")
	ways := 0
	for _, given := range []bool{s.URL != "", s.Command != "", s.Args != nil} {
		if given {
			ways++
		}
	}
	c.must(s.Processes == nil || s.URL != "", key+".processes", "%s: processes are named of a server that runs already, by url: those of a command are known", short(s.Name))
	if err := ancmbench.CheckProcessRules(s.Processes); err != nil {
		c.none(err.Error(), key+".processes")
	}
	c.must(ways == 1, key, "%s: a target has exactly one of url, command and args", short(s.Name))
	if s.URL != "" {
		c.must(s.Env == nil && s.Dir == "" && s.Files == nil && s.Before == "" && s.Ready == (ancmbench.Ready{}) && s.Stop == "" && s.Log == "" && !s.Unmeasured,
			key, "%s: a url is of a server that runs already: only command and args take env, dir, files, before, ready, stop, log and measured", short(s.Name))
		c.none(urlProblem(s.URL), key+".url")
		return
	}
	c.must(s.Args == nil || len(s.Args) > 0 && s.Args[0] != "", key+".args", "the program is missing")
	c.must(s.Command == "" || strings.TrimSpace(s.Command) != "", key+".command", "is blank")
	for _, v := range s.Env {
		c.must(variableName.MatchString(v.Name), key+".env."+v.Name, "%q is not the name of an environment variable", short(v.Name))
		c.must(!strings.Contains(v.Value, "\x00"), key+".env."+v.Name, "has a byte of value 0")
	}
	for i, f := range s.Files {
		at := key + ".files." + f.Name
		c.must(filepath.IsLocal(f.Name) && !strings.ContainsAny(f.Name, "\\:"), at, "%q: a file's name is a path below {dir}", short(f.Name))
		c.must(f.Text != "", at, "has no text: write it here, or name its template")
		c.must(!slices.ContainsFunc(s.Files[:i], func(o ancmbench.ServerFile) bool { return filepath.Clean(o.Name) == filepath.Clean(f.Name) }), at, "is written twice")
	}
	c.must(s.Stop == "" || slices.Contains(ancmbench.StopSignals, s.Stop), key+".stop", "unknown signal %q%s", short(s.Stop), meant(s.Stop, ancmbench.StopSignals))
	c.must(s.Ready.HTTP == "" || pathForm.MatchString(s.Ready.HTTP), key+".ready.http", "%q: a path begins with / and has neither blanks nor #", short(s.Ready.HTTP))
	c.must(s.Ready.Status == 0 || s.Ready.HTTP != "", key+".ready.status", "is of the answer to http, which is not given")
	c.must(s.Ready.Within >= 0 && s.Ready.Within.D() <= maxTimeout, key+".ready.within", "%v: must be above 0 and at most %v", s.Ready.Within, maxTimeout)
	used := braces(s)
	c.must(!used["port"] && !used["listen"] || !used["socket"], key, "%s: a target listens on {port} or on {socket}, and this one names both", short(s.Name))
	c.must(s.Before != "" || !used["upstream"] && !used["upstream-socket"], key, "%s: {upstream} is the address of the target behind: name that with before", short(s.Name))
	c.must(s.Before == "" || used["upstream"] || used["upstream-socket"], key+".before",
		"%s must be told where %s is: write {upstream} into its command, args, env or files", short(s.Name), short(s.Before))
}

// braces returns the words in braces that a server uses.
func braces(s ancmbench.Server) map[string]bool {
	used := map[string]bool{}
	for _, text := range s.Texts() {
		for _, m := range inBraces.FindAllStringSubmatch(text, -1) {
			used[m[1]] = true
		}
	}
	return used
}

// before checks what a target stands in front of.
func (c *check) before(s ancmbench.Server, all []ancmbench.Server, key string) {
	named := func(name string) int {
		return slices.IndexFunc(all, func(o ancmbench.Server) bool { return o.Name == name })
	}
	seen := []string{s.Name}
	for at := s; at.Before != ""; {
		i := named(at.Before)
		switch {
		case i < 0 && at.Before == string(ancmbench.Direct):
			return
		case i < 0:
			if at.Name == s.Name { // else that target has the fault
				var legal []string
				for _, o := range all {
					if o.Name != s.Name && o.Starts() {
						legal = append(legal, o.Name)
					}
				}
				c.none(fmt.Sprintf("unknown target %q%s", short(at.Before), meant(at.Before, append(legal, string(ancmbench.Direct)))), key)
			}
			return
		case !all[i].Starts():
			if at.Name == s.Name {
				c.none(fmt.Sprintf("%s is a server that runs already, and its processes would be missing from the cost: give it as a command, or %s as a url, too", short(at.Before), short(s.Name)), key)
			}
			return
		case slices.Contains(seen, at.Before):
			c.none(fmt.Sprintf("%s stands before itself: %s", short(s.Name), strings.Join(append(seen, at.Before), " -> ")), key)
			return
		}
		seen = append(seen, at.Before)
		at = all[i]
	}
}

// nameProblem returns what is wrong with the name of a target, or "".
func nameProblem(name string) string {
	switch {
	case name == "":
		return "a target needs a name"
	case len(name) > ancmbench.MaxName:
		return fmt.Sprintf("%q: a name has at most %d bytes", short(name), ancmbench.MaxName)
	case strings.ContainsAny(name, "/@?=") || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }):
		return fmt.Sprintf("%q: a name has none of / @ ? =", short(name))
	}
	return ""
}

// urlProblem returns what is wrong with the URL of a server that runs, or "". What reads
// the URL for good is stricter.
func urlProblem(raw string) string {
	if strings.HasPrefix(raw, "unix:") {
		return ""
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return "the URL cannot be read"
	case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return "must be http://host..., https://host... or unix:/path/of/socket:/path"
	case u.User != nil:
		return "credentials in a URL are not sent: put an Authorization header into a workload"
	}
	return ""
}
