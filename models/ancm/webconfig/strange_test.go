package webconfig_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"ancmbench"

	"ancmbench/models/ancm/webconfig"
)

// strangeConfigs returns small files that once took long to read, each with the
// beginning of its first fault; empty means no fault.
func strangeConfigs() []struct{ name, text, want string } {
	app := `processPath="app" `
	return []struct{ name, text, want string }{
		{"variables without end", element(`processPath="`+strings.Repeat("%a", 450_000)+`"`, ""), "3: processPath: longer than 32767 bytes"},
		{"percent signs", element(`processPath="`+strings.Repeat("%", 900_000)+`"`, ""), "3: processPath: longer than 32767 bytes"},
		{"a long value", element(app+`stdoutLogFile="`+strings.Repeat("x", 900_000)+`"`, ""), "3: stdoutLogFile: longer than 32767 bytes"},
		{"variables that grow", element(`arguments="`+strings.Repeat("%LONG%", 1000)+`" processPath="a"`, ""), "3: arguments: longer than 32767 bytes"},
		{"a long variable", element(app, `<environmentVariables><environmentVariable name="a" value="`+strings.Repeat("x", 900_000)+`"/></environmentVariables>`), "3: value: longer than 32767 bytes"},
		{"a long name", element(app, `<environmentVariables><environmentVariable name="`+strings.Repeat("x", 900_000)+`" value=""/></environmentVariables>`), "3: value: longer than 32767 bytes"},
		{"a long debug file", element(app, `<handlerSettings><handlerSetting name="debugFile" value="`+strings.Repeat("x", 900_000)+`"/></handlerSettings>`), "3: value: longer than 32767 bytes"},
		{"elements in elements", strings.Repeat("<a>", 300_000), "1: elements are nested deeper than 128"},
		{"attributes", "<configuration><system.webServer>\n<aspNetCore " + manyAttributes(80_000) + "/>", "2: <aspNetCore> has 80000 attributes"},
		{"unknown elements", element(app, strings.Repeat("<x/>", 90_000)), "3: <x> in <aspNetCore>"},
		{"elements", "<configuration>" + strings.Repeat("<x/>", 190_000), "1: more than 100000 elements"},
		{"unknown attributes", element(app, "<environmentVariables>"+strings.Repeat(`<environmentVariable name="a" value="b" c="d"/>`, 20_000)+"</environmentVariables>"), "3: c: unknown"},
		{"a long unknown name", element(app, "<"+strings.Repeat("x", 900_000)+"/>"), "3: <xxx"},
		{"a long attribute", element(app+strings.Repeat("x", 900_000)+`="1"`, ""), "3: xxx"},
		{"a long bad value", element(app+`hostingModel="`+strings.Repeat("x", 900_000)+`"`, ""), "3: hostingModel: \"xxx"},
		{"another end", "<" + strings.Repeat("x", 400_000) + "></" + strings.Repeat("y", 400_000) + ">", "1: element <xxx"},
		{"variables by many names", element(app, "<environmentVariables>"+manyVariables(20_000)+"</environmentVariables>"), "3: more than 4096 environment variables"},
		{"line ends", element(app+strings.Repeat("\n", 900_000), ""), ""},
		{"settings without effect", element(app, "<handlerSettings>"+strings.Repeat(`<handlerSetting name="a" value="b"/>`, 20_000)+"</handlerSettings>"), ""},
		{"locations", "<configuration>" + strings.Repeat("<location path='x'><system.webServer/></location>", 18_000) + element(app, "")[len("<configuration>"):], ""},
		{"quotes without end", "<a b='" + strings.Repeat("<", 900_000), "1: "},
		{"comments without end", strings.Repeat("<!--", 200_000), "1: "},
	}
}

func manyAttributes(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("a")
		for ; i > 0; i /= 26 {
			b.WriteByte(byte('a' + i%26))
		}
		b.WriteString(`="" `)
	}
	return b.String()
}

func manyVariables(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(`<environmentVariable name="a`)
		for ; i > 0; i /= 26 {
			b.WriteByte(byte('a' + i%26))
		}
		b.WriteString(`" value=""/>`)
	}
	return b.String()
}

// The cost of reading a file grows no faster than its length, and the messages about it
// stay short. The test measures memory, which a busy machine does not change: the
// excessive work of earlier versions made as much garbage.
func TestStrangeConfigsAreReadQuickly(t *testing.T) {
	long := func(name string) (string, bool) {
		if name == "LONG" {
			return strings.Repeat("x", 30_000), true
		}
		return "", false
	}
	for _, c := range strangeConfigs() {
		t.Run(c.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, notices, err := webconfig.Reader{Lookup: long}.Read("web.config", strings.NewReader(c.text))
			runtime.ReadMemStats(&after)
			if took, most := after.TotalAlloc-before.TotalAlloc, uint64(96<<20); took > most {
				t.Errorf("%d bytes are allocated for %d of text", took, len(c.text))
			}
			if len(notices) > ancmbench.MaxFaults+1 {
				t.Errorf("%d notices", len(notices))
			}
			if c.want == "" {
				if err != nil {
					t.Errorf("%.300v", err)
				}
				return
			}
			if err == nil || !strings.HasPrefix(err.Error(), "web.config:"+c.want) {
				t.Fatalf("%.300v, want %q", err, c.want)
			}
			if lines := strings.Count(err.Error(), "\n"); lines > ancmbench.MaxFaults || len(err.Error()) > 8000 {
				t.Errorf("%d lines of %d bytes are said", lines+1, len(err.Error()))
			}
		})
	}
}

// wide returns a text in UTF-16 with its byte order mark.
func wide(text string, little bool) string {
	order := binary.AppendByteOrder(binary.BigEndian)
	if little {
		order = binary.LittleEndian
	}
	out := order.AppendUint16(nil, 0xfeff)
	for _, c := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, c)
	}
	return string(out)
}

// Notepad saves a web.config in UTF-16.
func TestWebConfigUTF16(t *testing.T) {
	text := strings.Replace(strings.Replace(published, "utf-8", "UTF-16", 1), `.\MyApp.dll`, "ü😀.dll", 1)
	for _, c := range []struct{ name, text string }{
		{"little", wide(text, true)}, {"big", wide(text, false)},
		{"without_mark_little", wide(text, true)[2:]}, {"without_mark_big", wide(text, false)[2:]},
		{"declared_UTF-8", wide(strings.Replace(text, "UTF-16", "utf-8", 1), true)},
		{"not_declared", wide(text[strings.Index(text, "<configuration"):], false)},
		{"line_ends", wide(strings.ReplaceAll(text, "\n", "\r\n"), true)},
	} {
		config, _, err := read(c.text)
		if err != nil || config.Arguments != "ü😀.dll" || config.HostingModel != webconfig.InProcess {
			t.Errorf("%s: %q, %v", c.name, config.Arguments, err)
		}
	}
	bad := strings.Replace(text, `hostingModel="inprocess"`, "\r\n hostingModel='x'", 1)
	if _, _, err := read(wide(bad, false)); err == nil || !strings.HasPrefix(err.Error(), "web.config:9: hostingModel: ") {
		t.Errorf("the line of a fault: %v", err)
	}
}

// A literal line feed or tab in a value is a space, and a character reference to one is
// not (XML 1.0, 3.3.3).
func TestWebConfigNormalisesValues(t *testing.T) {
	for value, want := range map[string]string{
		"a\nb": "a b", "a\tb": "a b", "a\r\nb": "a b", "a\rb": "a b", "a\n\nb": "a  b",
		"a&#10;b": "a\nb", "a&#9;b": "a\tb", "a&#xD;b": "a\rb", "x>\ty": "x> y", "'\n'": "' '",
	} {
		for _, c := range []string{
			element(`processPath="app" arguments="`+value+`"`, ""),
			"<!-- ' \" \n\t -->" + element(`processPath="app" arguments="`+value+`"`, "<!-- ' -->"),
			"<?xml version='1.0'?><?x \"\n?>" + element("processPath='app' arguments=\""+value+`"`, ""),
		} {
			config, _, err := read(c)
			if err != nil || config.Arguments != want {
				t.Errorf("%q in %q is read as %q, %v; want %q", value, c, config.Arguments, err, want)
			}
		}
	}
	text := element("processPath='app' arguments='\n\n'\nstartupTimeLimit='x'", "")
	if _, _, err := read(text); err == nil || !strings.HasPrefix(err.Error(), "web.config:6: startupTimeLimit") {
		t.Errorf("lines within values count: %v", err)
	}
}

func TestWebConfigAsPeopleHaveIt(t *testing.T) {
	app := `processPath="app" `
	reads := func(name, text string, wantNotice string, want func(webconfig.Config) bool) {
		t.Run(name, func(t *testing.T) {
			c, notices, err := read(text)
			if err != nil || !want(c) {
				t.Errorf("%+v, %v", c, err)
			}
			if said := strings.Join(notices, "\n"); wantNotice == "" && said != "" || !strings.Contains(said, wantNotice) {
				t.Errorf("notices %q, want %q", said, wantNotice)
			}
		})
	}
	any := func(c webconfig.Config) bool { return c.ProcessPath == "app" }
	reads("recycleOnFileChange", element(app, `<recycleOnFileChange><clear/><file path="x"/><file path="y"/></recycleOnFileChange>`), "does not use it", any)
	reads("CF-10_the_last_of_a_name_counts", element(app, `<environmentVariables><environmentVariable name="A" value="1"/><environmentVariable name="B" value="2"/>
		<environmentVariable name="a" value="3"/></environmentVariables>`), "",
		func(c webconfig.Config) bool {
			return slices.Equal(c.Environment, []webconfig.EnvironmentVariable{{Name: "A", Value: "3"}, {Name: "B", Value: "2"}})
		})
	reads("CF-10_after_clear", element(app, `<environmentVariables><environmentVariable name="A" value="1"/><environmentVariable name="B" value="2"/><clear/>
		<environmentVariable name="b" value="3"/></environmentVariables>`), "",
		func(c webconfig.Config) bool {
			return slices.Equal(c.Environment, []webconfig.EnvironmentVariable{{Name: "b", Value: "3"}})
		})
	reads("CF-13_the_first_of_a_name_counts", element(app, `<handlerSettings><handlerSetting name="debugFile" value="1"/><handlerSetting name="DEBUGFILE" value="2"/></handlerSettings>`),
		"DEBUGFILE: given twice", func(c webconfig.Config) bool { return c.DebugFile == "1" })
	reads("locks", element(app+`lockItem="true" lockAttributes="arguments"`, `<environmentVariables lockElements="clear"><environmentVariable name="A" value="1" lockItem="true"/></environmentVariables>`), "",
		func(c webconfig.Config) bool { return len(c.Environment) == 1 })
	reads("base_and_location", "<configuration><system.webServer><aspNetCore processPath='base'/></system.webServer>\n"+
		"<location path='.'><system.webServer><aspNetCore processPath='app'/></system.webServer></location></configuration>", "", any)
	reads("comments_around", "<?xml version='1.0'?>\n<!-- before -->\n"+element(app, "")+"\n<!-- behind -->\n", "", any)
	reads("byte_order_mark", "\xef\xbb\xbf<?xml version='1.0' encoding='UTF-8'?>"+element(app, ""), "", any)
}

// The launcher of development tools takes precedence over the file, and its value is
// not expanded.
func TestWebConfigLauncher(t *testing.T) {
	env := func(pairs ...string) func(string) (string, bool) {
		return func(name string) (string, bool) {
			for i := 0; i < len(pairs); i += 2 {
				if pairs[i] == name {
					return pairs[i+1], true
				}
			}
			return "", false
		}
	}
	vs := element(`processPath="%LAUNCHER_PATH%" arguments="%LAUNCHER_ARGS%"`, "")
	for _, c := range []struct {
		name, module      string
		lookup            func(string) (string, bool)
		process, argument string
		notices           int
	}{
		{"nothing is set", "", env(), "%LAUNCHER_PATH%", "%LAUNCHER_ARGS%", 0},
		{"ANCM", "", env("ANCM_LAUNCHER_PATH", "/bin/app %X%", "ANCM_LAUNCHER_ARGS", "a b"), "/bin/app %X%", "a b", 2},
		{"one of them", "", env("ANCM_LAUNCHER_PATH", "/bin/app"), "/bin/app", "%LAUNCHER_ARGS%", 1},
		{"the older names", "", env("LAUNCHER_PATH", "/bin/old", "LAUNCHER_ARGS", "c"), "/bin/old", "c", 0},
		{"both", "", env("ANCM_LAUNCHER_PATH", "/bin/app", "LAUNCHER_PATH", "/bin/old"), "/bin/app", "%LAUNCHER_ARGS%", 1},
		{"empty is not set", "", env("ANCM_LAUNCHER_PATH", ""), "%LAUNCHER_PATH%", "%LAUNCHER_ARGS%", 0},
		{"v1 does not know them", "v1", env("ANCM_LAUNCHER_PATH", "/bin/app"), "%LAUNCHER_PATH%", "%LAUNCHER_ARGS%", 0},
	} {
		got, notices, err := webconfig.Reader{Module: c.module, Lookup: c.lookup}.Read("web.config", strings.NewReader(vs))
		if err != nil || got.ProcessPath != c.process || got.Arguments != c.argument || len(notices) != c.notices {
			t.Errorf("%s: %q %q, %q, %v", c.name, got.ProcessPath, got.Arguments, notices, err)
		}
	}
	t.Setenv("ANCM_LAUNCHER_PATH", "/bin/mine")
	if c, _, err := (webconfig.Reader{}).Read("web.config", strings.NewReader(vs)); err != nil || c.ProcessPath != "/bin/mine" {
		t.Errorf("of this process: %q, %v", c.ProcessPath, err)
	}
	if _, _, err := (webconfig.Reader{}).Read("web.config", strings.NewReader(element(`processPath=""`, ""))); err == nil {
		t.Error("processPath is required all the same, and is missing")
	}
}

// stdoutLogFile sets the place of the log. Drives and shares, which only Windows has,
// do not become names of folders here.
func TestStdoutLogFile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("these are paths there")
	}
	home := t.TempDir()
	t.Setenv("HOME", home)
	for _, c := range []struct{ file, want, fault string }{
		{`\\?\%home%\LogFiles\stdout`, home + "/LogFiles/stdout_", ""},
		{`\\?\%HOME%\LogFiles\stdout`, home + "/LogFiles/stdout_", ""},
		{`%home%\x`, home + "/x_", ""},
		{`.\logs\stdout`, "APP/logs/stdout_", ""},
		{`logs\stdout`, "APP/logs/stdout_", ""},
		{`\\?\%absent%\LogFiles\stdout`, "", "must be an absolute path of this system"},
		{`c:\temp\x`, "", "there is no drive c:"},
		{`C:temp`, "", "there is no drive C:"},
		{`\\?\C:\temp\x`, "", "there is no drive C:"},
		{`d:/home/x`, "", "there is no drive d:"},
		{`\\server\share\x`, "", "this system has no shares"},
		{`\\?\UNC\server\share\x`, "", "must be an absolute path"},
	} {
		t.Run(c.file, func(t *testing.T) {
			dir := t.TempDir()
			t.Chdir(dir)
			text := element(`processPath="app" stdoutLogEnabled="true" stdoutLogFile="`+c.file+`"`, "")
			config, notices, err := webconfig.Reader{}.Read("web.config", strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			config.PhysicalPath = dir
			f, err := webconfig.OpenStdoutLog(config, time.Now())
			if c.fault != "" {
				if err == nil || !strings.Contains(err.Error(), c.fault) || len(notices) != 1 || !strings.Contains(notices[0], c.fault) {
					t.Errorf("%v, and the notices %q; want %q", err, notices, c.fault)
				}
				if left, _ := filepath.Glob("*"); len(left) > 0 {
					t.Errorf("left behind: %q", left)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			defer os.Remove(f.Name())
			if want := strings.Replace(c.want, "APP", dir, 1); !strings.HasPrefix(f.Name(), want) || len(notices) > 0 {
				t.Errorf("%s, %q; want %s", f.Name(), notices, want)
			}
		})
	}
}

// A program that cannot be started keeps its name, so that the error shows it.
func TestProgramOfAnotherSystem(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("this is a path there")
	}
	const program = `C:\Tools\server.exe`
	config, notices, err := read(element(`processPath="`+program+`"`, ""))
	if err != nil || len(notices) != 1 || !strings.Contains(notices[0], "there is no drive C: on this system, so it cannot be started") {
		t.Errorf("%q, %v", notices, err)
	}
	config.PhysicalPath = t.TempDir()
	if got := config.Program().Path; strings.ReplaceAll(got, `\`, "/") != strings.ReplaceAll(program, `\`, "/") {
		t.Errorf("starts %q", got)
	}
	// .NET itself is the one of this system, wherever Windows has it.
	config, notices, err = read(element(`processPath="C:\Program Files\dotnet\dotnet.exe"`, ""))
	if got := config.Program().Path; got != "dotnet" || len(notices) > 0 || err != nil {
		t.Errorf("starts %q; %q, %v", got, notices, err)
	}
}
