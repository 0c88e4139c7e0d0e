export function App() {
  return <h1>Attention Surgery</h1>
}
