package chaos

// checkJoins finds acknowledged messages that were put at or below a seq that a join
// had named before. The client that joined takes them for old, so its application
// never gets them.
func checkJoins(h *History, found *findings) {
	acked := map[delivery]*Send{}
	for _, s := range h.Sends {
		if s.Outcome == Acked {
			acked[delivery{"", s.Room, s.Receipts[0].Seq}] = s
		}
	}
	for _, e := range h.JoinAnswers {
		for _, gap := range e.Gaps {
			if s := acked[delivery{"", e.Room, gap}]; s != nil {
				found.add(Violation{Kind: BelowJoin, Room: e.Room, Client: e.Device, Seq: gap},
					"%s joined %s and was given seq %d to go on from, and %q of %s was put at seq %d after that and acknowledged",
					e.Device, e.Room, e.Seq, brief(s.Text), s.Device, gap)
			}
		}
	}
}

// lost counts the messages that joins lost, each once.
func lost(found []Violation) int {
	seqs := map[delivery]bool{}
	for _, v := range found {
		if v.Kind == BelowJoin {
			seqs[delivery{"", v.Room, v.Seq}] = true
		}
	}
	return len(seqs)
}
