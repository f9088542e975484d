namespace DropoutLab.Experiments.Statistics;

/// <summary>The cells of a sweep that differ by their dropout rule alone: one table like the poster's.</summary>
/// <param name="Name">What distinguishes it from the sweep's other tables, as in "dropout_at fc1,fc2"; empty if it is the only one.</param>
/// <param name="Settings">What all its cells have in common, by name; <c>auto</c> resolved.</param>
/// <param name="Cells">In the sweep's order.</param>
/// <param name="PosterDistance">
/// The root of the mean square of the differences between the cells' mean accuracies and the poster's; null where they share none.
/// </param>
/// <param name="Observations">Those of the poster's that these cells can speak to.</param>
public sealed record TableSummary(
    string Name, IReadOnlyDictionary<string, string> Settings, IReadOnlyList<CellSummary> Cells, double? PosterDistance,
    IReadOnlyList<Observation> Observations)
{
    private static readonly string[] OfDropout = [ConfigurationKey.Dropout];

    internal static IReadOnlyList<TableSummary> All(IReadOnlyList<CellRuns> cells)
    {
        Dictionary<string, List<CellRuns>> tables = [];
        foreach (CellRuns cell in cells.Where(cell => !cell.Cell.Rule.IsPlain))
            Add(tables, KeyOf(cell, OfDropout), cell);
        // Without dropout, sites and sharing mean nothing: a plain cell belongs to the tables of all their values.
        foreach (CellRuns plain in cells.Where(cell => cell.Cell.Rule.IsPlain))
        {
            string own = KeyOf(plain, OfDropout);
            string[] keys = tables.ContainsKey(own) ? [own]
                : [.. tables.Where(table => KeyOf(table.Value[0], ConfigurationKey.OnlyWithDropout) == KeyOf(plain, ConfigurationKey.OnlyWithDropout)).Select(table => table.Key)];
            foreach (string key in keys.Length > 0 ? keys : [own])
                Add(tables, key, plain);
        }

        Dictionary<string, string>[] settings = [.. tables.Values.Select(table => SettingsOf(table[0]))];
        return [.. tables.Values.Select((table, i) => Of(NameOf(settings[i], settings), settings[i], [.. cells.Where(table.Contains)]))];
    }

    private static TableSummary Of(string name, IReadOnlyDictionary<string, string> settings, IReadOnlyList<CellRuns> cells)
    {
        CellRuns? plain = cells.FirstOrDefault(cell => cell.Cell.Rule.IsPlain);
        CellSummary[] summaries = [.. cells.Select(cell => CellSummary.Of(cell, plain, StandardOf(cell, cells)))];
        double[] squares = [.. summaries.Where(cell => cell.PosterAccuracy is not null && cell.TestAccuracy.Mean is not null)
            .Select(cell => Math.Pow(cell.TestAccuracy.Mean!.Value - cell.PosterAccuracy!.Value, 2))];
        return new TableSummary(name, settings, summaries, squares.Length > 0 ? Math.Sqrt(squares.Average()) : null, Observation.All(cells));
    }

    private static CellRuns? StandardOf(CellRuns cell, IReadOnlyList<CellRuns> cells) => cell.Cell.Rule.IsPlain
        ? null
        : cells.FirstOrDefault(other => other.Cell.Rule == Dropout.DropoutRule.Standard(cell.Cell.Rule.DropProbability));

    private static void Add(Dictionary<string, List<CellRuns>> tables, string key, CellRuns cell)
    {
        if (!tables.TryGetValue(key, out List<CellRuns>? table))
            tables.Add(key, table = []);
        table.Add(cell);
    }

    private static string KeyOf(CellRuns cell, string[] without) => ConfigurationKey.Of(cell.Cell.Configuration, [ConfigurationKey.Seed, .. without]);

    private static Dictionary<string, string> SettingsOf(CellRuns cell) =>
        ConfigurationKey.Settings(cell.Cell.Configuration, ConfigurationKey.Seed, ConfigurationKey.Dropout)
            .ToDictionary(setting => setting.Key, setting => setting.Value?.ToString() ?? "");

    private static string NameOf(Dictionary<string, string> settings, Dictionary<string, string>[] all) => string.Join(", ", settings
        .Where(setting => all.Any(other => other.GetValueOrDefault(setting.Key) != setting.Value))
        .Select(setting => $"{setting.Key} {setting.Value}"));
}
