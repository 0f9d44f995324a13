package html_test

import (
	"os"
	"strings"
	"testing"
)

// views are those in which the pages are looked at and checked.
var views = []view{
	{name: "laptop", width: 1280, height: 800}, {name: "laptop-dark", width: 1280, height: 800, dark: true},
	{name: "tablet", width: 768, height: 1024}, {name: "phone", width: 390, height: 844},
	{name: "print", width: 794, height: 1123, print: true},
}

// TestLook takes pictures of the pages named in ANCMBENCH_LOOK, files separated by commas,
// into the folder in ANCMBENCH_SCREENSHOTS.
func TestLook(t *testing.T) {
	files := os.Getenv("ANCMBENCH_LOOK")
	if files == "" {
		t.Skip("ANCMBENCH_LOOK is not set")
	}
	b := newBrowser(t)
	for file := range strings.SplitSeq(files, ",") {
		p := b.open(file)
		name := strings.NewReplacer("/", "-", ".html", "").Replace(strings.Trim(file, "/"))
		for _, v := range views {
			p.look(v)
			p.picture(name+"-"+v.name, v.width)
		}
		p.paper(name)
		t.Log(p.complaints())
	}
}
