package hostile

const bothFramings = "net/http lets the coding win and closes; RFC 9112, 6.1 allows it, and only our fronts must refuse"

// framedElsewhere says what net/http makes of framing fields where that differs.
func framedElsewhere(l, c value, http string) []Exception { return nil }

// framedToday says where framing fields get another outcome than they must.
func framedToday(l, c value, http string) []Todo { return nil }

// trailerToday says where trailers get another outcome than they must.
func trailerToday(name string) []Todo { return nil }
