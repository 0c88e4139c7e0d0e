/** Why the kernel did not do what was asked; what is shown is of before. */
export const Refusal = ({ children }: { children: string | null }) => (
  <p role="status" className="text-xs text-pretty text-warn empty:hidden">
    {children}
  </p>
)
