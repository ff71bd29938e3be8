interface Props {
  userId: string;
  /** From 0 to 1 across the canvas. */
  x: number;
  y: number;
  color: string;
  /** Whether it fades away. */
  idle: boolean;
}

/** Somebody's pointer with the name. The container query units scale it to the canvas. */
export function Pointer({ userId, x, y, color, idle }: Props) {
  return (
    <div
      className={idle ? "pointer pointer-idle" : "pointer"}
      style={{ transform: `translate(${x * 100}cqw, ${y * 100}cqh)` }}
      data-testid="cursor"
      data-user={userId}
      data-x={x}
      data-y={y}
    >
      <svg viewBox="0 0 20 22" className="pointer-arrow" aria-hidden="true">
        <path d="M2 1.5 17.5 10 10 11.8 6.6 19.500Z" fill={color} />
      </svg>
      <span className={x > 0.8 ? "pointer-name pointer-name-left" : "pointer-name"} style={{ backgroundColor: color }}>{userId}</span>
    </div>
  );
}
