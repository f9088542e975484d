using System.Text.Json.Serialization;

namespace DropoutLab.Experiments.Statistics;

/// <summary>The cells of a sweep that differ by their dropout rule alone: one table like the poster's.</summary>
/// <param name="Name">
/// What distinguishes it from the sweep's other tables, as in "dropout_at fc1,fc2"; empty if it is the only one.
/// </param>
/// <param name="Settings">What all its cells have in common, by name; <c>auto</c> resolved.</param>
/// <param name="Cells">In the sweep's order.</param>
/// <param name="PosterDistance">
/// The root of the mean square of the differences between the cells' mean accuracies and the poster's; null where they share
/// none.
/// </param>
/// <param name="Observations">Those of the poster's that these cells can speak to.</param>
public sealed record TableSummary(
    string Name, IReadOnlyDictionary<string, string> Settings, IReadOnlyList<CellSummary> Cells, double? PosterDistance,
    IReadOnlyList<Observation> Observations)
{
    private static readonly string[] OfDropout = [SettingName.Dropout];

    /// <summary>Whether there is a network without dropout to compare the other cells with.</summary>
    [JsonIgnore]
    public bool ComparesWithPlain => Cells.Any(cell => cell.AgainstPlain is not null);

    /// <summary>Whether there is standard dropout to compare another rule of the same ratio with.</summary>
    [JsonIgnore]
    public bool ComparesWithStandard => Cells.Any(cell => cell.AgainstStandard is not null);

    /// <summary>Whether the poster has a figure for one of the cells.</summary>
    [JsonIgnore]
    public bool ComparesWithPoster => Cells.Any(cell => cell.PosterAccuracy is not null);

    /// <summary>The rules of the cells that <see cref="PosterDistance"/> is over.</summary>
    internal IEnumerable<Dropout.DropoutRule> RulesOfPoster =>
        Cells.Where(cell => cell.PosterAccuracy is not null && cell.TestAccuracy.Mean is not null).Select(cell => cell.Dropout);

    internal static IReadOnlyList<TableSummary> All(IReadOnlyList<CellRuns> cells)
    {
        Dictionary<string, List<CellRuns>> tables = [];
        foreach (CellRuns cell in cells.Where(cell => !cell.Cell.Dropout.IsPlain))
            Add(tables, KeyOf(cell, OfDropout), cell);
        // Without dropout, sites and sharing mean nothing: a plain cell belongs to the tables of all their values.
        foreach (CellRuns plain in cells.Where(cell => cell.Cell.Dropout.IsPlain))
        {
            string common = KeyOf(plain, ConfigurationKey.OnlyWithDropout);
            string[] keys = [.. tables.Where(table => KeyOf(table.Value[0], ConfigurationKey.OnlyWithDropout) == common)
                .Select(table => table.Key)];
            foreach (string key in keys.Length > 0 ? keys : [KeyOf(plain, OfDropout)])
                Add(tables, key, plain);
        }

        Dictionary<string, string>[] settings = [.. tables.Values.Select(table => SettingsOf(table[0]))];
        IReadOnlyList<string> distinguishing = Distinguishing(settings);
        return [.. tables.Values.Select(
            (table, i) => Of(NameOf(settings[i], distinguishing), settings[i], [.. cells.Where(table.Contains)]))];
    }

    private static TableSummary Of(string name, IReadOnlyDictionary<string, string> settings, IReadOnlyList<CellRuns> cells)
    {
        CellRuns? plain = cells.FirstOrDefault(cell => cell.Cell.Dropout.IsPlain);
        // The poster has one ratio at all sites.
        bool isOfPoster = !cells.Any(cell => cell.Cell.Dropout.HasRatiosOfSites);
        CellSummary[] summaries = [.. cells.Select(cell => CellSummary.Of(cell, plain, StandardOf(cell, cells), isOfPoster))];
        double[] squares = [.. summaries.Where(cell => cell.PosterAccuracy is not null && cell.TestAccuracy.Mean is not null)
            .Select(cell => Math.Pow(cell.TestAccuracy.Mean!.Value - cell.PosterAccuracy!.Value, 2))];
        return new TableSummary(name, settings, summaries, squares.Length > 0 ? Math.Sqrt(squares.Average()) : null,
            isOfPoster ? Observation.All(cells) : []);
    }

    private static CellRuns? StandardOf(CellRuns cell, IReadOnlyList<CellRuns> cells) => cell.Cell.Dropout.IsPlain
        ? null
        : cells.FirstOrDefault(other => !other.Cell.Dropout.IsPlain
            && other.Cell.Rule == Dropout.DropoutRule.Standard(cell.Cell.Rule.DropProbability));

    private static void Add(Dictionary<string, List<CellRuns>> tables, string key, CellRuns cell)
    {
        if (!tables.TryGetValue(key, out List<CellRuns>? table))
            tables.Add(key, table = []);
        table.Add(cell);
    }

    private static string KeyOf(CellRuns cell, string[] without) =>
        ConfigurationKey.Without(cell.Cell.Configuration, [SettingName.Seed, .. without]);

    private static Dictionary<string, string> SettingsOf(CellRuns cell) =>
        ConfigurationKey.Settings(cell.Cell.Configuration, SettingName.Seed, SettingName.Dropout)
            .ToDictionary(setting => setting.Key, setting => setting.Value?.ToString() ?? "");

    /// <summary>
    /// The settings that tell tables from one another, without those that follow from the ones before them, as the augmentation
    /// does from the data set.
    /// </summary>
    private static IReadOnlyList<string> Distinguishing(Dictionary<string, string>[] tables)
    {
        List<string> chosen = [];
        int told = 1;
        foreach (string name in tables.SelectMany(settings => settings.Keys).Distinct())
        {
            int toldWith = tables.Select(settings => NameOf(settings, [.. chosen, name])).Distinct().Count();
            if (toldWith <= told)
                continue;
            chosen.Add(name);
            told = toldWith;
        }

        return chosen;
    }

    private static string NameOf(Dictionary<string, string> settings, IReadOnlyList<string> names) =>
        string.Join(", ", names.Where(settings.ContainsKey).Select(name => $"{name} {settings[name]}"));
}
