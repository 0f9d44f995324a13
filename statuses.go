package ancmbench

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ParseStatuses parses a list such as "2xx,304" for Expect.Statuses. The error joins all
// faults.
func ParseStatuses(text string) ([]string, error) {
	var out []string
	var faults []error
	for word := range strings.SplitSeq(text, ",") {
		word = strings.ToLower(strings.TrimSpace(word))
		if _, _, err := StatusRange(word); err != nil {
			faults = append(faults, err)
		}
		out = append(out, word)
	}
	return out, errors.Join(faults...)
}

// StatusRange returns the first and the last code of a word of Expect.Statuses, such as
// "304" or "2xx". It fails on any other word.
func StatusRange(word string) (from, to int, err error) {
	if class, ok := strings.CutSuffix(word, "xx"); ok && len(class) == 1 && class >= "2" && class <= "5" {
		from = int(class[0]-'0') * 100
		return from, from + 99, nil
	}
	code, err := strconv.Atoi(word)
	if err != nil || len(word) != 3 || code < 200 || code > 599 {
		return 0, 0, fmt.Errorf("expected status %q: want one of 200 to 599, or a class as 2xx", word)
	}
	return code, code, nil
}
