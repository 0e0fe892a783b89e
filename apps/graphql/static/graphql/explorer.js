// Starts GraphiQL on this server; a file, so that the page needs no inline script. The key stays in this tab.
const place = document.getElementById("graphiql");
const ask = async (body, { headers } = {}) => {
  const answer = await fetch(place.dataset.endpoint, {
    method: "POST",
    credentials: "omit",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return answer.json();
};
ReactDOM.createRoot(place).render(
  React.createElement(GraphiQL, {
    fetcher: ask,
    defaultHeaders: '{\n  "Authorization": "Bearer "\n}',
    isHeadersEditorEnabled: true,
    shouldPersistHeaders: false,
    defaultQuery: place.dataset.query,
  }),
);
