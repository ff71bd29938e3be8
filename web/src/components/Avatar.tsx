import { colorOf, initials } from "../colors";

/** A user's initials on the user's colour. The name itself has to be next to it. */
export function Avatar({ user }: { user: string }) {
  return (
    <span className="avatar" style={{ backgroundColor: colorOf(user) }} aria-hidden="true">
      {initials(user)}
    </span>
  );
}
