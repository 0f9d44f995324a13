// Command sbom writes the bill of materials of a Go binary: SPDX 2.3 as JSON, one package for
// the program and one for each module in it, read from the binary itself.
//
//	go run ./scripts/sbom BINARY > BINARY.spdx.json
package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"time"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: sbom BINARY")
		os.Exit(2)
	}
	if err := write(os.Stdout, os.Args[1], created()); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

// created returns the time of the document: that of SOURCE_DATE_EPOCH where it is set, so that
// the same binary gives the same document.
func created() time.Time {
	if s, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64); err == nil {
		return time.Unix(s, 0)
	}
	return time.Now()
}

// document is an SPDX 2.3 document, with the fields that it must have and those that are known.
type document struct {
	Version       string         `json:"spdxVersion"`
	License       string         `json:"dataLicense"`
	ID            string         `json:"SPDXID"`
	Name          string         `json:"name"`
	Namespace     string         `json:"documentNamespace"`
	Creation      creation       `json:"creationInfo"`
	Packages      []spdxPackage  `json:"packages"`
	Relationships []relationship `json:"relationships"`
}

type creation struct {
	Created  string   `json:"created"`
	Creators []string `json:"creators"`
}

type spdxPackage struct {
	ID            string      `json:"SPDXID"`
	Name          string      `json:"name"`
	Version       string      `json:"versionInfo,omitempty"`
	FileName      string      `json:"packageFileName,omitempty"`
	Location      string      `json:"downloadLocation"`
	FilesAnalyzed bool        `json:"filesAnalyzed"`
	Concluded     string      `json:"licenseConcluded"`
	Declared      string      `json:"licenseDeclared"`
	Copyright     string      `json:"copyrightText"`
	Checksums     []checksum  `json:"checksums,omitempty"`
	Refs          []reference `json:"externalRefs,omitempty"`
	Comment       string      `json:"comment,omitempty"`
}

type checksum struct {
	Algorithm string `json:"algorithm"`
	Value     string `json:"checksumValue"`
}

type reference struct {
	Category string `json:"referenceCategory"`
	Type     string `json:"referenceType"`
	Locator  string `json:"referenceLocator"`
}

type relationship struct {
	From string `json:"spdxElementId"`
	Type string `json:"relationshipType"`
	To   string `json:"relatedSpdxElement"`
}

// unknown is what SPDX writes for what nobody looked into.
const unknown = "NOASSERTION"

func write(w io.Writer, path string, now time.Time) error {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	return enc.Encode(billOf(info, filepath.Base(path), hex.EncodeToString(sum.Sum(nil)), now))
}

func billOf(info *debug.BuildInfo, file, sha string, now time.Time) document {
	d := document{Version: "SPDX-2.3", License: "CC0-1.0", ID: "SPDXRef-DOCUMENT", Name: file,
		Namespace: "urn:sha256:" + sha, Creation: creation{now.UTC().Format(time.RFC3339), []string{"Tool: " + info.Main.Path + "/scripts/sbom"}}}
	program := packageOf(info.Main)
	program.FileName, program.Declared, program.Checksums = file, "MIT", []checksum{{"SHA256", sha}}
	d.Packages = append(d.Packages, program)
	d.Relationships = append(d.Relationships, relationship{d.ID, "DESCRIBES", program.ID})
	add := func(p spdxPackage) {
		d.Packages = append(d.Packages, p)
		d.Relationships = append(d.Relationships, relationship{program.ID, "CONTAINS", p.ID})
	}
	add(packageOf(debug.Module{Path: "stdlib", Version: info.GoVersion}))
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		add(packageOf(*m))
	}
	slices.SortFunc(d.Packages[1:], func(a, b spdxPackage) int { return compare(a.ID, b.ID) })
	return d
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// notInID are the characters that an SPDX identifier may not have.
var notInID = regexp.MustCompile(`[^A-Za-z0-9.-]+`)

func packageOf(m debug.Module) spdxPackage {
	p := spdxPackage{ID: "SPDXRef-" + notInID.ReplaceAllString(m.Path+"-"+m.Version, "-"), Name: m.Path, Version: m.Version,
		Location: unknown, Concluded: unknown, Declared: unknown, Copyright: unknown,
		Refs: []reference{{"PACKAGE-MANAGER", "purl", "pkg:golang/" + m.Path + "@" + m.Version}}}
	if m.Sum != "" {
		p.Comment = "go.sum: " + m.Sum
	}
	return p
}
