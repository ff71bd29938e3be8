package roomcasttest

import (
	"reflect"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// Every field of a Fault reaches the injector, and the injector has no field
// that a Fault lacks.
func TestAFaultIsARule(t *testing.T) {
	t.Parallel()
	var fault Fault
	value := reflect.ValueOf(&fault).Elem()
	for i := range value.NumField() {
		switch field := value.Field(i); field.Interface().(type) {
		case string, Kill:
			field.SetString("x")
		case bool:
			field.SetBool(true)
		case float64:
			field.SetFloat(0.5)
		case int, time.Duration:
			field.SetInt(7)
		default:
			t.Fatalf("set the field %s of type %s", value.Type().Field(i).Name, field.Type())
		}
	}
	rule := reflect.ValueOf(fault.rule())
	for i := range rule.NumField() {
		name := rule.Type().Field(i).Name
		if rule.Field(i).IsZero() {
			t.Errorf("the field %s of a Fault is not passed on, or is missing", name)
		}
	}
	if got, want := value.NumField(), rule.NumField(); got != want {
		t.Errorf("a Fault has %d fields, a rule %d", got, want)
	}
	for moment, want := range map[Kill]faults.Moment{KillBefore: faults.Before, KillDuring: faults.During, KillAfter: faults.After} {
		if got := faults.Moment(moment); got != want {
			t.Errorf("the moment is %q, want %q", got, want)
		}
	}
}
