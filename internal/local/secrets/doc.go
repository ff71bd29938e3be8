// Package secrets emulates Secrets Manager and the Parameter Store of Systems
// Manager (SSM) in this process. It holds the secrets and parameters of the
// templates and answers the calls that functions make to them.
//
// Store.Call runs a call of AWS's JSON protocol. The AWS endpoint has authorized it
// before, with Store.FindSecret and ParameterARN. Operations that are not emulated
// answer 501.
//
// No error of this package contains the value of a secret.
package secrets
