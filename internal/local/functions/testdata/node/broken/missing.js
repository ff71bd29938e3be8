require("@aws-sdk/client-none");
