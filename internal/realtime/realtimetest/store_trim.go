package realtimetest

var trimTests = []storeCase{
	{"the oldest notifications are dropped", testTrim},
	{"dropping more than one batch", testTrimMany},
	{"trimming what holds less", testTrimNothing},
	{"dropped notifications are forgiven", testForgive},
	{"dropping at the same time", testTrimsAtOnce},
	{"keeping and dropping at the same time", testKeepAndTrim},
	{"forgiving at the same time", testForgiveAtOnce},
}

func testTrim(s *storeTest) {
	for i, n := range []int{3, 1, 5, 2, 4} {
		s.keep("ada", note(n), int64(i+1))
	}
	s.trim("ada", 3)
	s.wantWaiting("ada", "", 9, 3, 4, 5)
	s.wantDropped("ada", 2)
	s.wantUnknownNote("ada", note(1).ID)
	// The count begins again, with what is there.
	s.keep("ada", note(6), 4)
	s.keep("ada", note(7), 5)
	s.acknowledge("ada", note(5).ID)
	s.trim("ada", 3)
	s.wantWaiting("ada", "", 9, 4, 6, 7)
	s.wantDropped("ada", 3)

	// Of what was dropped no trace is left: it may come, and be dropped, anew.
	s.keep("ada", note(1), 4)
	s.trim("ada", 4)
	s.wantWaiting("ada", "", 9, 1, 4, 6, 7)
	s.wantDropped("ada", 3)
	s.trim("ada", 0)
	s.wantWaiting("ada", "", 9)
	s.wantDropped("ada", 7)
	s.keep("ada", note(8), 1)
}

func testTrimMany(s *storeTest) {
	const many = 230
	atOnce(10, func(worker int) {
		for n := worker; n < many; n += 10 {
			if _, err := s.Inboxes.Keep(s.Context(), "ada", note(n)); err != nil {
				s.Error(err)
			}
		}
	})
	s.trim("ada", 2)
	s.wantWaiting("ada", "", 9, many-2, many-1)
	s.wantDropped("ada", many-2)
	s.keep("ada", note(many), 3)
}

func testTrimNothing(s *storeTest) {
	s.trim("ada", 3)
	s.wantDropped("ada", 0)
	s.keep("ada", note(1), 1)
	s.keep("ada", note(1), 2)
	s.keep("ada", note(2), 3)
	s.trim("ada", 3)
	s.trim("ada", 2)
	s.wantWaiting("ada", "", 9, 1, 2)
	s.wantDropped("ada", 0)
	s.keep("ada", note(3), 3)
	s.acknowledge("ada", note(1).ID)
	s.acknowledge("ada", note(2).ID)
	s.acknowledge("ada", note(3).ID)
	s.trim("ada", 2)
	s.wantDropped("ada", 0)
	s.keep("ada", note(4), 1)
}

func testForgive(s *storeTest) {
	s.forgive("ada", 3) // nothing
	s.wantDropped("ada", 0)
	s.wantWaiting("ada", "", 9)
	for n := 1; n <= 6; n++ {
		s.keep("ada", note(n), int64(n))
	}
	s.trim("ada", 1)
	s.wantDropped("ada", 5)
	s.forgive("ada", 2)
	s.wantDropped("ada", 3)
	s.trim("ada", 0)
	s.wantDropped("ada", 4)
	s.forgive("ada", 4)
	s.wantDropped("ada", 0)
	s.keep("ada", note(7), 1)
	s.trim("ada", 0)
	s.forgive("ada", 1<<53)
	s.wantDropped("ada", 0)
}

func testTrimsAtOnce(s *storeTest) {
	for n := range 30 {
		s.keep("ada", note(n), int64(n+1))
	}
	atOnce(6, func(i int) {
		if err := s.Inboxes.Trim(s.Context(), "ada", 3+i); err != nil {
			s.Error(err)
		}
	})
	s.wantWaiting("ada", "", 9, 27, 28, 29)
	s.wantDropped("ada", 27)
	s.keep("ada", note(30), 4)
}

func testKeepAndTrim(s *storeTest) {
	const users, each = 4, 10
	atOnce(2*users, func(i int) {
		for n := range each {
			var err error
			if i%2 == 0 {
				_, err = s.Inboxes.Keep(s.Context(), "ada", note(i*each+n))
			} else {
				err = s.Inboxes.Trim(s.Context(), "ada", 5)
			}
			if err != nil {
				s.Error(err)
			}
		}
	})
	left, err := s.Inboxes.Waiting(s.Context(), "ada", "", 99)
	s.must(err)
	dropped, err := s.Inboxes.Dropped(s.Context(), "ada")
	s.must(err)
	if got := len(left) + int(dropped); got != users*each {
		s.Errorf("%d are left and %d were dropped: %d, want %d", len(left), dropped, got, users*each)
	}
	count, err := s.Inboxes.Keep(s.Context(), "ada", note(999))
	s.must(err)
	if count < int64(len(left)+1) {
		s.Errorf("counted %d, less than the %d that are there", count, len(left)+1)
	}
}

func testForgiveAtOnce(s *storeTest) {
	for n := range 20 {
		s.keep("ada", note(n), int64(n+1))
	}
	s.trim("ada", 10)
	atOnce(4, func(i int) {
		var err error
		if i == 0 {
			err = s.Inboxes.Trim(s.Context(), "ada", 5)
		} else {
			err = s.Inboxes.Forgive(s.Context(), "ada", int64(i))
		}
		if err != nil {
			s.Error(err)
		}
	})
	s.wantDropped("ada", 15-1-2-3)
}

func (s *storeTest) trim(userID string, keep int) {
	s.Helper()
	s.must(s.Inboxes.Trim(s.Context(), userID, keep))
}

func (s *storeTest) forgive(userID string, n int64) {
	s.Helper()
	s.must(s.Inboxes.Forgive(s.Context(), userID, n))
}

func (s *storeTest) wantDropped(userID string, want int64) {
	s.Helper()
	got, err := s.Inboxes.Dropped(s.Context(), userID)
	s.must(err)
	if got != want {
		s.Errorf("dropped for %q: got %d, want %d", userID, got, want)
	}
}
