package awsendpoint

import "testing"

func TestSizeOfItems(t *testing.T) {
	t.Parallel()
	for item, want := range map[string]int{
		`{}`:                                     0,
		`{"pk":{"S":"Zürich"}}`:                  2 + 7,
		`{"n":{"N":"0"}}`:                        1 + 1,
		`{"n":{"N":"-120.50"}}`:                  1 + 4,
		`{"n":{"N":"1.5E+100"}}`:                 1 + 2,
		`{"b":{"B":"AAEC"}}`:                     1 + 3,
		`{"b":{"BOOL":false},"z":{"NULL":true}}`: 2 + 2,
		`{"s":{"SS":["one","two"]}}`:             1 + 6,
		`{"s":{"NS":["1","22","333"]}}`:          1 + 2 + 2 + 3,
		`{"s":{"BS":["AA==","AAA="]}}`:           1 + 1 + 2,
		`{"l":{"L":[{"S":"a"},{"N":"7"}]}}`:      1 + 3 + 2 + 1 + 2,
		`{"m":{"M":{"ab":{"S":"c"}}}}`:           1 + 3 + 1 + 3,
		`{"m":{"M":{}},"l":{"L":[]}}`:            1 + 3 + 1 + 3,
	} {
		if got := sizeOf(itemOf([]byte(`{"Item":` + item + `}`))); got != want {
			t.Errorf("%s has %d bytes, want %d", item, got, want)
		}
	}
	if got := sizeOf(itemOf([]byte(`{}`))); got != 0 {
		t.Errorf("no item has %d bytes", got)
	}
}
