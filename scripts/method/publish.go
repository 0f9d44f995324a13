package main

import (
	"fmt"
	"os"
	"strings"
)

// publish writes the table of every case that has been measured between its
// markers in the document, or prints them all.
func (b *bench) publish(doc string) error {
	if doc == "" {
		for _, s := range studies() {
			fmt.Print(b.section(s))
		}
		return nil
	}
	text, err := os.ReadFile(doc)
	if err != nil {
		return err
	}
	page := string(text)
	for _, s := range studies() {
		section := b.section(s)
		if section == "" {
			continue
		}
		from, to := fmt.Sprintf("<!-- method:%s -->\n", s.name), fmt.Sprintf("<!-- /method:%s -->", s.name)
		before, rest, ok1 := strings.Cut(page, from)
		_, after, ok2 := strings.Cut(rest, to)
		if !ok1 || !ok2 {
			return fmt.Errorf("%s: no markers %sand %s", doc, from, to)
		}
		page = before + from + section + to + after
	}
	if page == string(text) {
		return nil
	}
	return os.WriteFile(doc, []byte(page), 0o644)
}

// section is a case's table with when and where it was measured; empty if it was not.
func (b *bench) section(s study) string {
	var mine []block
	for _, x := range b.seen {
		if x.Case == s.name {
			mine = append(mine, x)
		}
	}
	if mine == nil {
		return ""
	}
	quick := ""
	if mine[0].Quick {
		quick = " A quick look, not to be believed."
	}
	return fmt.Sprintf("\n%s`scripts/method.sh --only %s`, %s, %s.%s\n", s.table(mine), s.name, dates(mine), mine[0].Machine, quick)
}

// dates is when the first of the blocks was measured, and the last.
func dates(blocks []block) string {
	first, last := blocks[0].Date, blocks[len(blocks)-1].Date
	if first == last {
		return first
	}
	return first + " to " + last
}
