package render

import (
	"bytes"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/charts"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/page"
)

// everything writes all reports of a run, one after the other.
func everything(t *testing.T, run *ancmbench.Run) []byte {
	t.Helper()
	return append(written(t, run), pictures(t, run)...)
}

// written are the reports made of text.
func written(t *testing.T, run *ancmbench.Run) []byte {
	t.Helper()
	a := analysed(t, run)
	var b bytes.Buffer
	for _, write := range []func() error{
		func() error { return Text(&b, run, a, page.Options{Color: true}) },
		func() error { return JSON(&b, run, a, "") },
		func() error { return HTML(&b, run, a) },
	} {
		if err := write(); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// pictures are the PNGs; encoding them is most of what these tests cost.
func pictures(t *testing.T, run *ancmbench.Run) []byte {
	t.Helper()
	var b bytes.Buffer
	dir := t.TempDir()
	if err := charts.PNGs(dir, run, analysed(t, run)); err != nil {
		t.Fatal(err)
	}
	for _, n := range charts.PNGNames {
		png, err := os.ReadFile(filepath.Join(dir, n))
		if os.IsNotExist(err) { // nothing to draw
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(n)
		b.Write(png)
	}
	return b.Bytes()
}

func htmlOf(t *testing.T, run *ancmbench.Run) string {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, run, analysed(t, run)); err != nil {
		t.Fatal(err)
	}
	return readable(b.String())
}

// readable is a page without its own script and without the files packed into it, which
// are letters and digits, and with plain spaces where a line may not break.
func readable(doc string) string {
	for _, part := range []string{`(?s)<template id="data">[A-Za-z0-9+/=]*</template>`, `(?s)<script>\(\(\) => \{.*?\}\)\(\);\n</script>`} {
		doc = regexp.MustCompile(part).ReplaceAllString(doc, "")
	}
	return strings.ReplaceAll(doc, "\u00a0", " ")
}

// One results file gives the same bytes: directly, again, and after a round
// trip through the file.
func TestReportsAreByteEqual(t *testing.T) {
	run := example.Three().Run()
	run.Host.Details = map[string]string{"a": "1", "b": "2", "c": "3", "d": "4"}
	run.Tool.Modules = map[string]string{"x": "v1", "y": "v2", "z": "v3"}
	first := everything(t, run)
	if !bytes.HasPrefix(first, written(t, run)) {
		t.Error("the same run gives other bytes the second time")
	}
	path := filepath.Join(t.TempDir(), ancmbench.ResultFile)
	if err := run.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	read, err := ancmbench.ReadRun(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, everything(t, read)) {
		t.Error("the run read back from its file gives other bytes")
	}
}

// What others named themselves must not become markup, or move a cursor.
func TestHostileNames(t *testing.T) {
	s := example.Three()
	hostile := `<script>alert(1)</script>"'&` + "\x1b[2J\u202e"
	s.Arms[0].Name = hostile
	s.Arms[1].Name = "</title></style><img src=x onerror=alert(2)>"
	s.Arms[2].TwinOf = hostile
	run := s.Run()
	run.Profile.Name, run.Reason, run.Host.CPUModel = "<b>p", "<i>r", "<u>c"
	run.State = ancmbench.Failed
	run.Command = []string{"ancmbench", "run", "--target", "<script>"}
	for i := range run.Results {
		run.Results[i].Warnings = append(run.Results[i].Warnings,
			ancmbench.Warning{Code: ancmbench.WarnUnsupported, Detail: "<em>d", Phase: "<q>", Target: hostile})
		run.Results[i].Checks = append(run.Results[i].Checks, ancmbench.Check{Name: "<s>", Unsupported: "<tt>"})
	}
	doc := htmlOf(t, run)
	for _, bad := range []string{"<script", "<img", "<b>", "<i>", "<u>", "<em>", "<q>", "<s>", "<tt>", "\x1b", "\u202e"} {
		if strings.Contains(doc, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if text := screen(t, run, page.Options{}); strings.ContainsAny(text, "\x1b\u202e") {
		t.Error("the screen holds a control character of a name")
	}
}

// What identifies the host is in no report unless the run holds it.
func TestCanary(t *testing.T) {
	const canary = "canary-7f3a"
	run := example.Models().Run()
	run.Host.Name, run.Host.Details = canary, map[string]string{"user": canary}
	if doc := htmlOf(t, run); strings.Count(doc, canary) != 2 {
		t.Errorf("the page shows %d of the 2 host details that were asked for", strings.Count(doc, canary))
	}
	run.Host.Name, run.Host.Details = "", nil
	all := written(t, run)
	secrets := [][]byte{[]byte(canary)}
	if name, err := os.Hostname(); err == nil && len(name) > 3 {
		secrets = append(secrets, []byte(name))
	}
	if dir, err := os.Getwd(); err == nil {
		secrets = append(secrets, []byte(dir))
	}
	for _, s := range secrets {
		if bytes.Contains(all, s) {
			t.Errorf("a report holds %q", s)
		}
	}
}

// The page needs nothing else, its drawings are well-formed, each has a name,
// and no id is used twice.
func TestPageStandsAlone(t *testing.T) {
	doc := htmlOf(t, example.Three().Run())
	for _, bad := range []string{"http://", "https://", "<script", "<link", "@import", "url(", "src=", " style=", " onclick="} {
		if strings.Contains(doc, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	svgs := regexp.MustCompile(`(?s)<svg[^>]*role="img".*?</svg></div>`).FindAllString(doc, -1)
	if len(svgs) != 18 {
		t.Errorf("%d drawings, want 9 for screens and 9 for phones", len(svgs))
	}
	for _, svg := range svgs {
		if !strings.Contains(svg, `role="img" aria-labelledby=`) || !strings.Contains(svg, "<title") {
			t.Errorf("a drawing has no name: %.80s", svg)
		}
		d := xml.NewDecoder(strings.NewReader(strings.TrimSuffix(svg, "</div>")))
		for {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%v in %.80s", err, svg)
			}
		}
		if regexp.MustCompile(`"-?(NaN|\+?Inf|-Inf)`).MatchString(svg) {
			t.Errorf("a coordinate is no number in %.80s", svg)
		}
	}
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(doc, -1) {
		if seen[m[1]] {
			t.Errorf("id %q is used twice", m[1])
		}
		seen[m[1]] = true
	}
	for _, section := range []string{"How far to believe it", "What others published", "The machine", "The method in short", "how to repeat it", "All metrics", "The words", "The data"} {
		if !strings.Contains(doc, section) {
			t.Errorf("no section %q", section)
		}
	}
}

// What others published belongs beside the models it is about, and nowhere else.
func TestPublishedOnlyBesideTheModels(t *testing.T) {
	s := example.Models()
	for i := range s.Arms {
		s.Arms[i].Model = ""
	}
	run := s.Run()
	run.Subject = ancmbench.SubjectServers
	if strings.Contains(htmlOf(t, run), "What others published") {
		t.Error("figures for ASP.NET stand beside a user's own servers")
	}
}

// The outline of the page: its headings, and the heads and first columns of its tables.
func TestPageOutlineGolden(t *testing.T) {
	doc := htmlOf(t, example.Models().Run())
	var b strings.Builder
	for _, m := range regexp.MustCompile(`<(h[123]|summary|figcaption)[^>]*>([^<]+)`).FindAllStringSubmatch(doc, -1) {
		b.WriteString(m[1] + " " + m[2] + "\n")
	}
	golden(t, "outline.txt", []byte(b.String()))
}

func TestJSONGolden(t *testing.T) {
	s := example.Models()
	s.Launches, s.Planned = 1, 1
	run := s.Run()
	run.Results = run.Results[:2] // the cold starts
	run.Host, run.Tool.Modules, run.Command = ancmbench.Host{}, nil, []string{"ancmbench"}
	var b bytes.Buffer
	a := analysed(t, run)
	a.Series, a.Warnings = a.Series[:0], a.Warnings[:0]
	if err := JSON(&b, run, a, ""); err != nil {
		t.Fatal(err)
	}
	golden(t, "cold.json", b.Bytes())
}
