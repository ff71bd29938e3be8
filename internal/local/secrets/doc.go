// Package secrets stands in for Secrets Manager and for the Parameter Store of
// Systems Manager (SSM), in this process: it holds the secrets and parameters
// of the templates and answers the calls that functions make to them.
//
// Store.Call takes a call of AWS's JSON protocol and answers it. Who may make
// it has been decided before, by the front door, which asks Store.FindSecret and
// ParameterARN what a call concerns. What is not emulated is answered with 501.
//
// No error of this package contains the value of a secret.
package secrets
