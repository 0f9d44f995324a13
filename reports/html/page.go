package html

import (
	"html/template"
	"strings"

	"ancmbench/reports/page"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// Page is what the template is filled with.
type Page struct {
	Title, Subject string
	// Facts are the conditions under the title.
	Facts []string
	Lead  Lead
	// Sections are in the order in which they are read; nil ones are left out.
	Sections []*Section
	// Files can be taken out of the page, as far as it stays within Most bytes; zero is
	// mostPage.
	Files []File
	Most  int
}

// Lead is the first screen: what alone supports a decision.
type Lead struct {
	// Alerts say what keeps the answer from being one.
	Alerts []string
	// Word is a verdict in one word, with the class of its colour; empty without one.
	Word, Class string
	Answer      string
	Cards       []Card
	Matter      *matterView
	Belief      *beliefView
	// NotShown says what the page does not show.
	NotShown string
}

// Card is one figure of the first screen.
type Card struct{ Value, Unit, Name, More string }

// newCard splits a figure from its unit.
func newCard(value, name, more string) Card {
	number, unit, _ := strings.Cut(value, " ")
	return Card{number, unit, unbroken(name), unbroken(more)}
}

// Section is one part of the page.
type Section struct {
	ID, Title string
	// Collapsed ones open when the reader asks for them, and on paper.
	Collapsed bool
	Notes     []string
	List      []string
	Figures   []*page.Figure
	Tables    []Table
	// Panels are warnings with advice.
	Panels []Panel
	// After follows all else, in small type.
	After []string
	Code  string
	Terms []Term
	// Files says that the section is the one that hands out the files.
	Files bool
}

// Table is a table with its title.
type Table struct {
	Title string
	page.Grid
}

// Panel is a warning and what to do about it.
type Panel struct{ Severity, Text, Do, Where string }

// Term is a word of the glossary.
type Term struct{ Word, Meaning string }

// shown returns the sections that there are.
func shown(sections ...*Section) []*Section {
	var out []*Section
	for _, s := range sections {
		if s != nil {
			out = append(out, s)
		}
	}
	return out
}

// section returns a section of figures without the missing ones, and nil if none is left.
func section(id, title string, fs ...*page.Figure) *Section {
	s := &Section{ID: id, Title: title}
	for _, f := range fs {
		if f != nil {
			s.Figures = append(s.Figures, f)
		}
	}
	if len(s.Figures) == 0 {
		return nil
	}
	return s
}

// unbroken keeps each number and its unit on one line.
func unbroken(text string) string {
	said := page.Glued(text)
	for j := range said {
		said[j] = strings.ReplaceAll(said[j], " ", "\u00a0")
	}
	return strings.Join(said, " ")
}

func allUnbroken(texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = unbroken(t)
	}
	return out
}

// whole keeps a figure of a table in one piece: an amount with its unit, and an interval
// with its brackets.
func whole(text string) string {
	text = unbroken(text)
	from, to := strings.IndexByte(text, '['), strings.IndexByte(text, ']')
	if from >= 0 && to-from > 0 && to-from < 32 {
		return text[:from] + strings.ReplaceAll(text[from:to], " ", "\u00a0") + strings.Replace(text[to:], "] "+stats.Same, "]\u00a0"+stats.Same, 1)
	}
	return text
}

// cell is a cell of a table with the heading of its column, which phones show beside it.
type cell struct{ Head, Text string }

// Number reports whether the cell is a bare number, as of a fresh start: as the name of a row it
// says nothing without its heading.
func (c cell) Number() bool { return c.Text != "" && strings.Trim(c.Text, "0123456789") == "" }

// cells pairs a row with the heads of its table.
func cells(g page.Grid, row []string) []cell {
	out := make([]cell, len(row))
	for i, text := range row {
		out[i].Text = whole(text)
		if i < len(g.Head) {
			out[i].Head = g.Head[i]
		}
	}
	return out
}

var functions = template.FuncMap{"cells": cells, "plain": words.Plain, "unbroken": unbroken}
