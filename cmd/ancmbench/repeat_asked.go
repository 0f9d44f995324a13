package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ancmbench/experiment"
)

// shownFlag is a flag with what may leave the machine of its value.
type shownFlag struct {
	name string
	show func(value string) string
}

// askedShown are the request flags. Values of headers and bodies may be credentials.
var askedShown = []shownFlag{
	{"method", asTyped}, {"path", withoutQuery}, {"header", shownHeader}, {"body", shownText}, {"request", redactRequest},
	{"vars", shownFile}, {"vars-order", asTyped}, {"expect", asTyped}, {"expect-body-contains", shownText}, {"expect-body-sha256", shownSum},
}

func asTyped(value string) string { return value }

func shownFile(path string) string { return shownPath(path, false) }

// shownHeader keeps the name of a field, or the file that has fields.
func shownHeader(value string) string {
	if path, isFile := strings.CutPrefix(value, "@"); isFile {
		return "@" + shownFile(path)
	}
	name, _, _ := strings.Cut(value, ":")
	return strings.TrimSpace(name) + ": " + experiment.Withheld
}

// shownText keeps the name of the file with a text, and nothing of a text.
func shownText(value string) string {
	if path, isFile := strings.CutPrefix(value, "@"); isFile {
		return "@" + shownFile(path)
	}
	if value == "" {
		return ""
	}
	return experiment.Withheld
}

func shownSum(value string) string {
	if strings.HasPrefix(value, "@") {
		return shownText(value)
	}
	return value
}

// showAsked returns what may be shown of a request flag's value; ok is false for any other
// flag.
func showAsked(name, value string) (shown string, ok bool) {
	for _, f := range askedShown {
		if f.name == name {
			return f.show(value), true
		}
	}
	return value, false
}

// repeatAsked returns the request flags that were given, as a person would type them.
func repeatAsked(c *cobra.Command, details bool) []string {
	var out []string
	for _, f := range askedShown {
		fl := c.Flags().Lookup(f.name)
		if fl == nil || !fl.Changed {
			continue
		}
		for _, v := range valuesOf(fl) {
			if !details {
				v = f.show(v)
			}
			out = append(out, "--"+f.name+"="+v)
		}
	}
	return out
}

func valuesOf(fl *pflag.Flag) []string {
	if many, ok := fl.Value.(pflag.SliceValue); ok {
		return many.GetSlice()
	}
	return []string{fl.Value.String()}
}

// redactRequest removes from --request the query of its path.
func redactRequest(text string) string {
	words := strings.Fields(text)
	for i := range words {
		words[i] = withoutQuery(words[i])
	}
	return strings.Join(words, " ")
}
