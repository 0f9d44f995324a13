package main

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The bill names every module of a binary once, with what SPDX demands of each.
func TestTheBillNamesEveryModule(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := write(&b, self, time.Unix(1e9, 0)); err != nil {
		t.Fatal(err)
	}
	var d document
	if err := json.Unmarshal(b.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	if d.Version != "SPDX-2.3" || d.License != "CC0-1.0" || d.ID != "SPDXRef-DOCUMENT" || d.Namespace == "" || d.Creation.Created != "2001-09-09T01:46:40Z" || len(d.Creation.Creators) == 0 {
		t.Errorf("%+v", d)
	}
	ids, names := map[string]bool{d.ID: true}, map[string]string{}
	for _, p := range d.Packages {
		if !regexp.MustCompile(`^SPDXRef-[A-Za-z0-9.-]+$`).MatchString(p.ID) || ids[p.ID] || p.Location == "" || p.Concluded == "" || p.Declared == "" || p.Copyright == "" {
			t.Errorf("package %+v", p)
		}
		ids[p.ID], names[p.Name] = true, p.Version
	}
	for _, r := range d.Relationships {
		if !ids[r.From] || !ids[r.To] {
			t.Errorf("relationship %+v is to nothing", r)
		}
	}
	info, err := buildinfo.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range append(info.Deps, &info.Main) {
		if v, there := names[m.Path]; !there || v != m.Version {
			t.Errorf("%s %s is not in it: %q", m.Path, m.Version, v)
		}
	}
	if len(d.Packages) != len(info.Deps)+2 || len(d.Relationships) != len(d.Packages) || names["stdlib"] == "" {
		t.Errorf("%d packages and %d relationships of %d modules", len(d.Packages), len(d.Relationships), len(info.Deps))
	}
	if sum := d.Packages[0].Checksums; len(sum) != 1 || len(sum[0].Value) != 64 {
		t.Errorf("checksum %+v", sum)
	}
}

func TestWhatIsNoGoBinaryIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := write(new(bytes.Buffer), path, time.Now()); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
}
