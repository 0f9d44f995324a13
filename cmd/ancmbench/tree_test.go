package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// everyCommand returns the root and all commands below it, hidden ones left out.
func everyCommand(t *testing.T) []*cobra.Command {
	t.Helper()
	var all []*cobra.Command
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		all = append(all, c)
		for _, below := range c.Commands() {
			if !below.Hidden {
				walk(below)
			}
		}
	}
	walk(newRoot())
	if len(all) < 20 {
		t.Fatalf("only %d commands", len(all))
	}
	return all
}

// printsNoResult are the commands whose output is no result, each with what it is.
var printsNoResult = map[string]string{
	"ancmbench": "its own help", "ancmbench help": "help", "ancmbench completion": "help", "ancmbench completion bash": "a script", "ancmbench completion zsh": "a script",
	"ancmbench completion fish": "a script", "ancmbench completion powershell": "a script", "ancmbench serve": "the events of a server, until it ends",
	"ancmbench agent": "what an agent does, until it ends", "ancmbench agents new-token": "the name of a file",
}

// A verb that prints a result says less with -q, more with -v, and one object with --json.
func TestEveryResultCanBeShortLongOrJSON(t *testing.T) {
	for _, c := range everyCommand(t) {
		if printsNoResult[c.CommandPath()] != "" {
			continue
		}
		for name, short := range map[string]string{"quiet": "q", "verbose": "v", "json": ""} {
			f := c.Flags().Lookup(name)
			if f == nil || f.Shorthand != short || f.Value.Type() != "bool" || f.DefValue != "false" {
				t.Errorf("%s: --%s is %+v", c.CommandPath(), name, f)
			}
		}
		if err := refusalOf(t, append(strings.Fields(c.CommandPath())[1:], "-q", "-v", "x")); err == nil || !strings.Contains(err.Error(), "-q, --quiet and -v, --verbose exclude each other") {
			t.Errorf("%s -q -v: %v", c.CommandPath(), err)
		}
	}
}

// shellLine is a line of an example, cut at what joins commands in a shell.
var shellLine = regexp.MustCompile(`&&|\||>>?|<`)

// exampleCommands returns the command lines of ancmbench in the examples of a command.
func exampleCommands(example string) (lines [][]string) {
	for line := range strings.Lines(example) {
		for _, part := range shellLine.Split(quotedAway(strings.TrimSpace(line)), -1) {
			if words := strings.Fields(part); len(words) > 1 && words[0] == "ancmbench" {
				for i := range words {
					words[i] = strings.NewReplacer("\x01", " ", "\x02", "<", "\x03", ">", "'", "", `"`, "").Replace(words[i])
				}
				lines = append(lines, words[1:])
			}
		}
	}
	return lines
}

// quotedAway replaces what a shell does not see between quotes.
func quotedAway(line string) string {
	var b strings.Builder
	quote := rune(0)
	for _, r := range line {
		switch {
		case quote == 0 && (r == '\'' || r == '"'):
			quote = r
		case r == quote:
			quote = 0
		case quote != 0:
			b.WriteString(strings.NewReplacer(" ", "\x01", "<", "\x02", ">", "\x03").Replace(string(r)))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// parsed finds the command of a line and parses its flags and arguments, without running it.
func parsed(words []string) error {
	root := newRoot()
	c, rest, err := root.Find(words)
	if err != nil {
		return err
	}
	c.InitDefaultHelpFlag()
	if err := c.ParseFlags(rest); err != nil {
		return err
	}
	if c.Args == nil {
		return nil
	}
	return c.Args(c, c.Flags().Args())
}

// Every help has a real example: one of this very command, which is accepted.
func TestEveryHelpHasARealExample(t *testing.T) {
	for _, c := range everyCommand(t) {
		own := 0
		for _, words := range exampleCommands(c.Example) {
			if err := parsed(words); err != nil {
				t.Errorf("%s: its example %q: %v", c.CommandPath(), words, err)
			}
			if strings.HasPrefix("ancmbench "+strings.Join(words, " ")+" ", c.CommandPath()+" ") {
				own++
			}
		}
		help := helpOf(c)
		if own == 0 || !strings.Contains(help, "Examples:\n  ancmbench") {
			t.Errorf("%s has no example of itself:\n%s", c.CommandPath(), help)
		}
		if c.Short == "" || strings.HasSuffix(c.Short, ".") || strings.ToUpper(c.Short[:1]) != c.Short[:1] && c.HasParent() {
			t.Errorf("%s: %q", c.CommandPath(), c.Short)
		}
	}
	if err := parsed([]string{"run", "--nonsense"}); err == nil {
		t.Error("a wrong example would be accepted")
	}
	if err := parsed([]string{"report"}); err == nil {
		t.Error("an example without its argument would be accepted")
	}
}

// ownTypes are flags that have another type at one verb, each with the reason.
var ownTypes = map[string]string{
	"target":      "run takes several servers, and the others one name",
	"metric":      "gate takes several, and selftest makes one worse",
	"connections": "load reads numbers as wrk does: 1k",
	"duration":    "load reads numbers as wrk does: 10 is seconds",
	"markdown":    "gate writes a file beside what it prints, and report and compare print it",
}

// One name is one thing at every verb: of one type, with one short form.
func TestFlagsMeanTheSameEverywhere(t *testing.T) {
	type meaning struct{ where, kind, short string }
	byName, byShort := map[string]meaning{}, map[string]string{}
	for _, c := range everyCommand(t) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			where := c.CommandPath() + " --" + f.Name
			kind := f.Value.Type()
			before, seen := byName[f.Name]
			if seen && before.kind != kind && ownTypes[f.Name] == "" {
				t.Errorf("%s is of type %s, and %s of type %s", where, kind, before.where, before.kind)
			}
			if !seen {
				byName[f.Name] = meaning{where, kind, f.Shorthand}
			}
			if f.Shorthand != "" && f.Name != "version" {
				if other := byShort[f.Shorthand]; other != "" && other != f.Name {
					t.Errorf("-%s is --%s at %s, and --%s elsewhere", f.Shorthand, f.Name, c.CommandPath(), other)
				}
				byShort[f.Shorthand] = f.Name
			}
			switch first, _, _ := strings.Cut(f.Usage, " "); {
			case f.Usage == "", strings.HasSuffix(f.Usage, "."), strings.Contains(f.Usage, "\n"):
				t.Errorf("%s: its help is %q", where, f.Usage)
			case first != strings.ToUpper(first) && strings.ToLower(f.Usage[:1]) != f.Usage[:1]:
				t.Errorf("%s: its help begins with a capital letter: %q", where, f.Usage)
			}
		})
	}
	for name, why := range ownTypes {
		if _, there := byName[name]; !there {
			t.Errorf("no verb has --%s, of which it is said: %s", name, why)
		}
	}
}

// completed returns what a shell is offered for the end of a command line, and the directive.
func completed(t *testing.T, args ...string) (offers []string, directive string) {
	t.Helper()
	root := newRoot()
	var out strings.Builder
	root.SetOut(&out)
	root.SetErr(t.Output())
	root.SetArgs(append([]string{cobra.ShellCompRequestCmd}, args...))
	if err := root.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for _, l := range lines[:len(lines)-1] {
		word, _, _ := strings.Cut(l, "\t")
		offers = append(offers, word)
	}
	return offers, lines[len(lines)-1]
}

// A shell offers profiles, metrics, models, formats and the folders of runs where one is asked
// for, and never a file where a number is.
func TestShellsOfferWhatFits(t *testing.T) {
	t.Chdir(t.TempDir())
	storedRun(t, "results/20260102-030405-small")
	storedRun(t, "results/20260103-030405-small")
	wants := map[string]string{"profile": "standard", "metric": "p50", "engine": "wire", "model": "out-of-process", "format": "json", "module": "v2", "front": "lean",
		"spin": "idle", "metrics": "all", "against": "results/20260102-030405-small", "result": "results/20260102-030405-small", "check": "results/20260102-030405-small"}
	seen := map[string]bool{}
	for _, c := range everyCommand(t) {
		path := strings.Fields(c.CommandPath())[1:]
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Value.Type() == "bool" {
				return
			}
			offers, directive := completed(t, append(slices.Clone(path), "--"+f.Name, "")...)
			switch want, words := wants[f.Name]; {
			case words:
				seen[f.Name] = true
				if !slices.Contains(offers, want) {
					t.Errorf("%s --%s: offered %v, and not %s", c.CommandPath(), f.Name, offers, want)
				}
			case numeric[f.Name] || slices.Contains(numberTypes, f.Value.Type()):
				if len(offers) > 0 || directive != ":4" {
					t.Errorf("%s --%s is a number, and offered are %v %s", c.CommandPath(), f.Name, offers, directive)
				}
			}
		})
	}
	if len(seen) != len(wants) {
		t.Errorf("only %v were asked for", seen)
	}
	for _, verb := range []string{"report", "compare", "export", "predict", "open"} {
		if offers, _ := completed(t, verb, ""); !slices.Equal(offers, []string{"results/20260103-030405-small", "results/20260102-030405-small"}) {
			t.Errorf("%s: %v, and the newest run is first", verb, offers)
		}
	}
	if offers, directive := completed(t, "report", "elsewhere/"); len(offers) > 0 || directive != ":32" {
		t.Errorf("of another folder: %v %s", offers, directive)
	}
	if offers, _ := completed(t, "run", ""); len(offers) > 0 {
		t.Errorf("run takes no argument, and is offered %v", offers)
	}
}
