package webconfig_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"ancmbench"

	"ancmbench/models/ancm/webconfig"
)

// published is what `dotnet publish` writes.
const published = `<?xml version="1.0" encoding="utf-8"?>
<configuration>
  <location path="." inheritInChildApplications="false">
    <system.webServer>
      <handlers>
        <add name="aspNetCore" path="*" verb="*" modules="AspNetCoreModuleV2" resourceType="Unspecified" />
      </handlers>
      <aspNetCore processPath="dotnet" arguments=".\MyApp.dll" stdoutLogEnabled="false" stdoutLogFile=".\logs\stdout" hostingModel="inprocess" />
    </system.webServer>
  </location>
</configuration>
`

// element puts attributes and content into a web.config; line 3 is the element's.
func element(attributes, content string) string {
	return "<configuration>\n<system.webServer>\n<aspNetCore " + attributes + ">" + content + "</aspNetCore>\n</system.webServer>\n</configuration>"
}

func read(text string) (webconfig.Config, []string, error) {
	return webconfig.Reader{Lookup: lookup}.Read("web.config", strings.NewReader(text))
}

func lookup(name string) (string, bool) {
	v, ok := map[string]string{"HOME": "/home/app", "EMPTY": "", "PORT": "81"}[name]
	return v, ok
}

func TestWebConfig(t *testing.T) {
	want := func(name, text string, change func(*webconfig.Config)) {
		t.Run(name, func(t *testing.T) {
			got, _, err := read(text)
			if err != nil {
				t.Fatal(err)
			}
			c := webconfig.Default()
			c.HandlerSettings = map[string]string{}
			c.ProcessPath = "app"
			change(&c)
			if !reflect.DeepEqual(got, c) {
				t.Errorf("got  %+v\nwant %+v", got, c)
			}
		})
	}
	app := `processPath="app" `
	want("CF-01_processPath", element(app, ""), func(*webconfig.Config) {})
	want("CF-01_expanded", element(`processPath="%HOME%\run%PORT%"`, ""), func(c *webconfig.Config) { c.ProcessPath = `/home/app\run81` })
	want("CF-01_unknown_names_stay", element(`processPath="%ABSENT%%HOME%%EMPTY%100%"`, ""),
		func(c *webconfig.Config) { c.ProcessPath = `%ABSENT%/home/app100%` })
	want("CF-02_arguments", element(app+`arguments="run &quot;a b&quot; %PORT%"`, ""), func(c *webconfig.Config) { c.Arguments = `run "a b" 81` })
	want("CF-03_hostingModel", element(app+`hostingModel="InProcess"`, ""), func(c *webconfig.Config) { c.HostingModel = "inprocess" })
	want("CF-03_OutOfProcess", element(app+`hostingModel="OutOfProcess"`, ""), func(*webconfig.Config) {})
	want("CF-03_published", published, func(c *webconfig.Config) {
		c.ProcessPath, c.Arguments, c.HostingModel, c.StdoutLogFile = "dotnet", `.\MyApp.dll`, "inprocess", `.\logs\stdout`
	})
	want("CF-04_startupTimeLimit", element(app+`startupTimeLimit="0"`, ""), func(c *webconfig.Config) { c.StartupTimeLimit = 0 })
	want("CF-04_most", element(app+`startupTimeLimit="3600"`, ""), func(c *webconfig.Config) { c.StartupTimeLimit = time.Hour })
	want("CF-05_shutdownTimeLimit", element(app+`shutdownTimeLimit="600"`, ""), func(c *webconfig.Config) { c.ShutdownTimeLimit = 10 * time.Minute })
	want("CF-06_rapidFailsPerMinute", element(app+`rapidFailsPerMinute="0"`, ""), func(c *webconfig.Config) { c.RapidFailsPerMinute = 0 })
	want("CF-07_requestTimeout", element(app+`requestTimeout="00:20:05"`, ""), func(c *webconfig.Config) { c.RequestTimeout = 20*time.Minute + 5*time.Second })
	want("CF-07_most", element(app+`requestTimeout="360:00:00"`, ""), func(c *webconfig.Config) { c.RequestTimeout = 360 * time.Hour })
	want("CF-07_days", element(app+`requestTimeout="14.23:59:59"`, ""), func(c *webconfig.Config) { c.RequestTimeout = 360*time.Hour - time.Second })
	want("CF-08_processesPerApplication", element(app+`processesPerApplication="100"`, ""), func(c *webconfig.Config) { c.ProcessesPerApp = 100 })
	want("CF-09_stdoutLog", element(app+`stdoutLogEnabled="True" stdoutLogFile="%HOME%\out"`, ""),
		func(c *webconfig.Config) { c.StdoutLogEnabled, c.StdoutLogFile = true, `/home/app\out` })
	want("CF-10_environmentVariables", element(app, `<environmentVariables>
		<environmentVariable name="A" value="1 %PORT%"/><environmentVariable value="" name="B"/></environmentVariables>`),
		func(c *webconfig.Config) { c.Environment = []webconfig.EnvironmentVariable{{"A", "1 81"}, {"B", ""}} })
	want("CF-11_forwardWindowsAuthToken", element(app+`forwardWindowsAuthToken="false"`, ""), func(c *webconfig.Config) { c.ForwardWindowsToken = false })
	want("CF-12_disableStartUpErrorPage", element(app+`disableStartUpErrorPage="true"`, ""), func(c *webconfig.Config) { c.DisableStartUpError = true })
	want("CF-13_handlerSettings", element(app, `<handlerSettings>
		<handlerSetting name="forwardResponseConnectionHeader" value="true"/><handlerSetting name="x" value="y"/></handlerSettings>`),
		func(c *webconfig.Config) {
			c.ForwardConnection = true
			c.HandlerSettings = map[string]string{"forwardResponseConnectionHeader": "true", "x": "y"}
		})
	t.Run("CF-13_without_effect", func(t *testing.T) {
		_, notices, err := read(element(app, `<handlerSettings><handlerSetting name="x" value="y"/></handlerSettings>`))
		if err != nil || len(notices) != 1 || !strings.Contains(notices[0], "x: without effect") {
			t.Error(notices, err)
		}
	})
	t.Run("CF-14_module_v1", func(t *testing.T) {
		for _, model := range []string{"inprocess", "whatever"} {
			c, notices, err := webconfig.Reader{Module: "v1"}.Read("web.config", strings.NewReader(element(app+`hostingModel="`+model+`"`, "")))
			if err != nil || c.HostingModel != "outofprocess" || len(notices) != 1 || !strings.Contains(notices[0], "ignored") {
				t.Error(c.HostingModel, notices, err)
			}
		}
	})
}

func TestWebConfigLocation(t *testing.T) {
	text := `<configuration>
<system.webServer><aspNetCore processPath="base" startupTimeLimit="5"/></system.webServer>
<location path="shop"><system.webServer><aspNetCore processPath="shop"/></system.webServer></location>
<location path="Shop/Admin" inheritInChildApplications="false"><system.webServer><aspNetCore processPath="admin"/></system.webServer></location>
</configuration>`
	for location, want := range map[string]string{"": "base", ".": "base", "other": "base", "shop": "shop", "/SHOP/": "shop",
		"shop/cart": "shop", "shop/admin": "admin", "shop/admin/deep": "shop", "shopping": "base"} {
		c, _, err := webconfig.Reader{Location: location}.Read("web.config", strings.NewReader(text))
		if err != nil || c.ProcessPath != want || c.StartupTimeLimit != 5*time.Second {
			t.Errorf("location %q: %s, %v, %v; want %s", location, c.ProcessPath, c.StartupTimeLimit, err, want)
		}
	}
}

// Every fault names file, line and attribute, and all come at once.
func TestWebConfigFaults(t *testing.T) {
	app := `processPath="app" `
	check := func(name, text string, want ...string) {
		t.Run(name, func(t *testing.T) {
			_, _, err := read(text)
			var fault *webconfig.Error
			if err == nil || !errors.As(err, &fault) {
				t.Fatalf("accepted, or an error of another kind: %v", err)
			}
			lines := strings.Split(err.Error(), "\n")
			if len(lines) != len(want) {
				t.Errorf("%d faults, want %d:\n%v", len(lines), len(want), err)
			}
			for _, w := range want {
				if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "web.config:"+w) }) {
					t.Errorf("no fault %q in:\n%v", w, err)
				}
			}
		})
	}
	check("CF-01_missing", element("", ""), "3: processPath: required")
	check("CF-01_empty", element(`processPath=""`, ""), "3: processPath: required")
	check("CF-01_expands_to_nothing", element(`processPath="%EMPTY%"`, ""), "3: processPath: required")
	check("CF-03_unknown", element(app+`hostingModel="inline"`, ""), `3: hostingModel: "inline": must be inprocess or outofprocess`)
	for attribute, bad := range map[string][]string{
		"CF-04_startupTimeLimit_":        {"-1", "3601", "", "1.5", "120s", "99999999999999999999", "0x10"},
		"CF-05_shutdownTimeLimit_":       {"-1", "601"},
		"CF-06_rapidFailsPerMinute_":     {"-1", "101"},
		"CF-07_requestTimeout_":          {"360:00:01", "00:60:00", "00:00:60", "2", "00:02", "00:00:00.5", "-00:01:00", "15.00:00:01", "1.24:00:00", "::", ""},
		"CF-08_processesPerApplication_": {"0", "101"},
		"CF-09_stdoutLogEnabled_":        {"yes", "1", ""},
		"CF-11_forwardWindowsAuthToken_": {"on"},
		"CF-12_disableStartUpErrorPage_": {"0"},
	} {
		_, name, _ := strings.Cut(strings.TrimSuffix(attribute, "_"), "_")
		for _, v := range bad {
			check(attribute+v, element(app+fmt.Sprintf("%s=%q", name, v), ""), "3: "+name+": ")
		}
	}
	check("CF-10_name", element(app, `
<environmentVariables>
<environmentVariable value="1"/>
<environmentVariable name="" value="1"/>
<environmentVariable name="A"/>
<environmentVariable name="B" value="1"/>
<environmentVariable name="b" value="2"/>
<environmentVariable name="C=D" value="2"/>
<environmentVariable name="E" value="2"
  comment="x"/>
<add name="F" value="1"/>
</environmentVariables>`),
		"5: name: required", "6: name: required", "7: value: required",
		"10: name: ", "12: comment: unknown", "13: <add> in <environmentVariables>")
	check("CF-13_value", element(app, `<handlerSettings><handlerSetting name="forwardResponseConnectionHeader" value="maybe"/></handlerSettings>`),
		"3: value: ")
	check("unknown_attributes_on_their_lines", "<configuration><system.webServer><aspNetCore\n processPath=\"a startuptimelimit= b\"\n\n startuptimelimit=\"5\"\n Mode = '1'/></system.webServer></configuration>",
		"4: startuptimelimit: unknown", "5: Mode: unknown")
	check("given_twice", element(app+`startupTimeLimit="1" startupTimeLimit="2"`, ""), "3: startupTimeLimit: given twice")
	check("unknown_element", element(app, "<recycleOnFileChanges/>"), "3: <recycleOnFileChanges> in <aspNetCore>")
	check("file_without_path", element(app, "<recycleOnFileChange>\n<file/>\n<file path=''/><add/></recycleOnFileChange>"), "4: path: required", "5: path: required", "5: <add> in <recycleOnFileChange>")
	check("twice", element(app, "")[:len(element(app, ""))-len("\n</system.webServer>\n</configuration>")]+"\n<aspNetCore processPath='b'/></system.webServer></configuration>",
		"4: a second <aspNetCore> for one path; the first is on line 3")
	check("twice_in_two_sections", "<configuration>\n<system.webServer><aspNetCore processPath='a'/></system.webServer>\n<system.webServer>\n<aspNetCore processPath='b'/></system.webServer></configuration>",
		"4: a second <aspNetCore> for one path; the first is on line 2")
	check("twice_under_a_location", "<configuration><location path='.'><system.webServer>\n<aspNetCore processPath='a'/></system.webServer></location>\n<location path=''><system.webServer><aspNetCore processPath='b'/></system.webServer></location></configuration>",
		"3: a second <aspNetCore> for one path; the first is on line 2")
	check("twice_for_another_app", element(app, "")[:len("<configuration>\n")]+"<location path='shop'><system.webServer><aspNetCore/></system.webServer></location>\n<location path='/SHOP/'><system.webServer><aspNetCore/></system.webServer></location>"+
		element(app, "")[len("<configuration>\n"):], "3: a second <aspNetCore> for one path; the first is on line 2")
	check("text_before_the_declaration", "\n<?xml version='1.0'?>\n"+element(app, ""), "2: the XML declaration must be the first thing")
	check("declaration_twice", "<?xml version='1.0'?><?xml version='1.0'?>\n"+element(app, ""), "1: the XML declaration must be the first thing")
	check("comment_before_the_declaration", "<!-- x --><?xml version='1.0'?>\n"+element(app, ""), "1: the XML declaration must be the first thing")
	check("text_before_the_root", "\n\n x "+element(app, ""), "3: text outside the root element")
	check("text_after_the_root", element(app, "")+"\n\nx", "7: text outside the root element")
	check("second_root", element(app, "")+"\n<configuration/>", "6: a second root element <configuration>")
	check("end_without_begin", element(app, "")+"\n</configuration>", "6: ")
	check("configSource", "<configuration><system.webServer>\n<aspNetCore processPath='a' configSource='x.config'/></system.webServer></configuration>",
		"2: configSource: is not supported")
	check("configProtectionProvider", "<configuration><system.webServer>\n<aspNetCore processPath='a' configProtectionProvider='x'/></system.webServer></configuration>",
		"2: configProtectionProvider: is not supported")
	check("utf_16_cut", "\xff\xfe<\x00a", "1: UTF-16 with half a character")
	check("utf_16_half_a_pair", "\xff\xfe<\x00\x00\xd8<\x00", "1: UTF-16 with half a pair")
	check("case_of_the_element", "<configuration><system.webServer>\n<aspnetcore/></system.webServer></configuration>", "2: <aspnetcore> ", "1: no <aspNetCore>")
	check("none", "<configuration/>", "1: no <aspNetCore>")
	check("not_for_us", `<configuration><location path="shop"><system.webServer><aspNetCore processPath="a" x="y"/></system.webServer></location></configuration>`, "1: no <aspNetCore>")
	check("malformed", "<configuration>\n<system.webServer>\n<aspNetCore processPath=app/>", "3: ")
	check("unclosed", "<configuration>\n<system.webServer>", "2: ")
	check("empty", "", "1: no <aspNetCore>")
	check("utf_16", "<?xml version='1.0' encoding='utf-16'?><configuration/>", "1: ")
	check("too_long", "<!--"+strings.Repeat("x", 1<<20)+"-->", "1: longer")
	check("all_at_once", element(`startupTimeLimit="x" requestTimeout="y" hostingModel="z"`, ""),
		"3: startupTimeLimit", "3: requestTimeout", "3: hostingModel", "3: processPath")
}

func TestWebConfigFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "web.config")
	if err := os.WriteFile(path, []byte("\xef\xbb\xbf"+element(`processPath=".\bin\app" arguments="a &quot;b c&quot;"`, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	c, _, err := webconfig.Reader{}.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.Program(), (webconfig.Command{Path: filepath.Join(dir, "bin", "app"), Args: []string{"a", "b c"}, Dir: dir}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if err := os.WriteFile(filepath.Join(dir, "My App.dll"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c.Arguments = `".\My App.dll" .\absent --x=.\y`
	if got := c.Program().Args; runtime.GOOS != "windows" && !slices.Equal(got, []string{"./My App.dll", `.\absent`, `--x=.\y`}) {
		t.Errorf("arguments %q", got)
	}
	c.ProcessPath = "dotnet"
	if got := c.Program(); got.Path != "dotnet" {
		t.Errorf("not in the folder: %s", got.Path)
	}
	if err := os.WriteFile(filepath.Join(dir, "dotnet"), nil, 0o700); err != nil {
		t.Fatal(err)
	}
	if got := c.Program(); got.Path != filepath.Join(dir, "dotnet") {
		t.Errorf("in the folder: %s", got.Path)
	}
	if _, _, err := (webconfig.Reader{}).ReadFile(filepath.Join(dir, "absent")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

func TestSplitArguments(t *testing.T) {
	t.Run("CF-02_quoted_as_Windows_does", testSplitArguments)
}

func testSplitArguments(t *testing.T) {
	for line, want := range map[string][]string{ // the examples of Microsoft's documentation first
		`"abc" d e`:          {"abc", "d", "e"},
		`a\\b d"e f"g h`:     {`a\\b`, "de fg", "h"},
		`a\\\"b c d`:         {`a\"b`, "c", "d"},
		`a\\\\"b c" d e`:     {`a\\b c`, "d", "e"},
		`a"b"" c d`:          {`ab" c d`},
		"":                   nil,
		"  \t\r\n":           nil,
		`""`:                 {""},
		`a "" b`:             {"a", "", "b"},
		`"unclosed x`:        {"unclosed x"},
		`.\My App.dll`:       {`.\My`, "App.dll"},
		`--x="C:\dir\\" end`: {`--x=C:\dir\`, "end"},
		`"""quoted"""`:       {`"quoted"`},
	} {
		if got := webconfig.SplitArguments(line); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
}

// quote returns an argument in the form in which a Windows program passes it on:
// splitting must undo it.
func quote(arg string) string {
	var b strings.Builder
	b.WriteByte('"')
	slashes := 0
	for _, c := range []byte(arg) {
		switch c {
		case '\\':
			slashes++
			continue
		case '"':
			b.WriteString(strings.Repeat(`\`, 2*slashes+1))
		default:
			b.WriteString(strings.Repeat(`\`, slashes))
		}
		slashes = 0
		b.WriteByte(c)
	}
	b.WriteString(strings.Repeat(`\`, 2*slashes) + `"`)
	return b.String()
}

func FuzzSplitArguments(f *testing.F) {
	for _, s := range []string{"", `a\`, `a"b`, `\\"`, "a b", `""`, "\n", `%X%`} {
		f.Add(s, `d"e f"g`)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if got := webconfig.SplitArguments(quote(a) + " " + quote(b)); !slices.Equal(got, []string{a, b}) {
			t.Errorf("quoted %q and %q, split into %q", a, b, got)
		}
		for _, arg := range webconfig.SplitArguments(a) { // any text splits, and nothing is made up
			if len(arg) > len(a) {
				t.Errorf("%q has the argument %q", a, arg)
			}
		}
	})
}

func FuzzWebConfig(f *testing.F) {
	f.Add(published, "")
	f.Add(element(`processPath="%HOME%" requestTimeout="1.02:03:04"`, `<environmentVariables><clear/><environmentVariable name="a" value="%"/></environmentVariables>`), "shop")
	f.Add("<configuration><location path='a'><location path='b'></location></location></configuration>", "a/b")
	f.Add("<a b='1'\n b='2'>", "")
	for _, c := range strangeConfigs() {
		if len(c.text) < 100_000 {
			f.Add(c.text, "")
		}
	}
	f.Add(wide(published, true), "")
	f.Add(element(`processPath="%HOME%%a%"`, "<recycleOnFileChange><file path='x'/></recycleOnFileChange>")+"\n<x/>", "")
	f.Fuzz(func(t *testing.T, text, location string) {
		c, _, err := webconfig.Reader{Location: location, Lookup: lookup}.Read("web.config", strings.NewReader(text))
		if err != nil {
			lines := 1 + strings.Count(text, "\n") + strings.Count(text, "\r")
			if said := strings.Count(err.Error(), "\n"); said > ancmbench.MaxFaults || len(err.Error()) > 20_000 {
				t.Errorf("%d lines of %d bytes", said, len(err.Error()))
			}
			for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
				var fault *webconfig.Error
				if !errors.As(e, &fault) || fault.Line < 1 || fault.Line > lines || fault.Reason == "" {
					t.Errorf("fault %v in %d lines", e, lines)
				}
			}
			return
		}
		// What is accepted can be run.
		if err := c.Check(); err != nil {
			t.Fatalf("accepted, and refused by the process manager: %v", err)
		}
		if c.RequestTimeout < 0 || c.RequestTimeout > 360*time.Hour || (c.HostingModel != "inprocess" && c.HostingModel != "outofprocess") {
			t.Errorf("%+v", c)
		}
	})
}
