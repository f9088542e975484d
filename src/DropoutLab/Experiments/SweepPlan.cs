using System.Text.Json.Serialization;
using DropoutLab.Dropout;
using DropoutLab.Runs;

namespace DropoutLab.Experiments;

/// <summary>All runs of a sweep, with every setting resolved.</summary>
/// <param name="Name">The sweep's name.</param>
/// <param name="Cells">In the file's order.</param>
/// <param name="Seeds">Of each cell.</param>
public sealed record SweepPlan(string Name, IReadOnlyList<SweepCell> Cells, IReadOnlyList<ulong> Seeds)
{
    private const string SeedOption = "seed", CellKey = "cell";

    /// <summary>
    /// Every cell with the first seed, then every cell with the second, and so on: a sweep stopped early has whole tables.
    /// </summary>
    public IEnumerable<SweepRun> Runs => Seeds.SelectMany(_ => Cells, (seed, cell) => new SweepRun(cell, seed));

    /// <summary>Resolves a file.</summary>
    /// <param name="file">As it was read.</param>
    /// <param name="settings">What options there are.</param>
    /// <param name="mistakes">Gets everything that is wrong with options, values and their combinations.</param>
    /// <param name="defaults">Options that cells have which do not name them, such as the number of threads.</param>
    public static SweepPlan Make(
        SweepFile file, IRunSettings settings, ICollection<SweepMistake> mistakes, IReadOnlyDictionary<string, string> defaults)
    {
        foreach (SweepSetting setting in file.Recipe.Concat(file.Grids.SelectMany(grid => grid.Axes).SelectMany(axis => axis)))
            Check(setting, settings, mistakes);
        if (mistakes.Count > 0)
            return new SweepPlan(file.Name, [], file.Seeds);

        List<(int Line, IReadOnlyList<SweepSetting> Settings)> combinations =
            [.. file.Grids.SelectMany(grid => grid.Combinations(), (grid, cell) => (LineOf(grid, cell), cell))];
        IReadOnlyDictionary<string, string>[] values = [.. combinations.Select(cell => Overlay(file.Recipe, cell.Settings))];
        IReadOnlyList<string> names = CellNames.For(values);
        List<SweepCell> cells = [];
        Dictionary<string, (SweepCell Cell, int Line)> first = [];
        RunKeys keys = new();
        for (int i = 0; i < values.Length; i++)
        {
            (int line, IReadOnlyList<SweepSetting> own) = combinations[i];
            IReadOnlyDictionary<string, string> all = WithDefaults(values[i], defaults);
            if (Resolve(all, settings, line, [.. own, .. file.Recipe], mistakes) is not { } configuration)
                continue;
            SweepCell cell = new(names[i], all, configuration with { Seed = file.Seeds[0] });
            string key = keys.Of(cell.Configuration);
            if (first.TryAdd(key, (cell, line)))
                cells.Add(cell);
            else
                mistakes.Add(new SweepMistake(line, CellKey, SameAs(cell, first[key].Cell, first[key].Line)));
        }

        return new SweepPlan(file.Name, cells, file.Seeds);
    }

    private static void Check(SweepSetting setting, IRunSettings settings, ICollection<SweepMistake> mistakes)
    {
        string? reason = setting.Option == SeedOption ? "seeds are not an option here: give them under the file's key seeds"
            : !settings.Options.Contains(
                setting.Option)
                    ? "train has no such option that a result depends on: choose "
                        + $"{string.Join(", ", settings.Options.Where(name => name != SeedOption))}"
            : settings.Mistake(setting.Option, setting.Value);
        SweepMistake? mistake = reason is null ? null : new SweepMistake(setting.Line, setting.Option, reason);
        if (mistake is not null && !mistakes.Contains(mistake))
            mistakes.Add(mistake);
    }

    private static RunConfiguration? Resolve(
        IReadOnlyDictionary<string, string> values, IRunSettings settings, int line, SweepSetting[] sources,
        ICollection<SweepMistake> mistakes)
    {
        try
        {
            RunConfiguration configuration = settings.Configure(values);
            configuration.CheckDropout();
            return configuration;
        }
        catch (DropoutLabException exception)
        {
            SweepSetting? source = exception.Setting is { } name
                ? sources.FirstOrDefault(setting => setting.Option == settings.OptionOf(name))
                : null;
            SweepMistake mistake = new(source?.Line ?? line, source?.Option ?? CellKey, exception.Message);
            if (!mistakes.Contains(mistake))
                mistakes.Add(mistake);
            return null;
        }
    }

    /// <summary>Both spellings, where there are two.</summary>
    private static string SameAs(SweepCell cell, SweepCell other, int line)
    {
        string why = cell.Dropout.IsPlain && other.Dropout.IsPlain ? ": without dropout there are no sites"
            : Spelling(cell) == Spelling(other) ? ""
            : $": {Spelling(cell)} drops what {Spelling(other)} drops";
        return $"{cell.Name} is the same as the cell of line {line}{why}; leave out one";
    }

    private static string Spelling(SweepCell cell) =>
        $"{cell.Configuration.Dropout} at {cell.Configuration.DropoutAt}, {cell.Configuration.MaskSharing}";

    private static int LineOf(SweepGrid grid, IReadOnlyList<SweepSetting> cell) =>
        cell.Count > 0 ? cell.Max(setting => setting.Line) : grid.Line;

    private static Dictionary<string, string> Overlay(IEnumerable<SweepSetting> recipe, IEnumerable<SweepSetting> cell)
    {
        Dictionary<string, string> settings = [];
        foreach (SweepSetting setting in recipe.Concat(cell))
            settings[setting.Option] = setting.Value;
        return settings;
    }

    private static Dictionary<string, string> WithDefaults(
        IReadOnlyDictionary<string, string> settings, IReadOnlyDictionary<string, string> defaults)
    {
        Dictionary<string, string> all = new(settings);
        foreach ((string option, string value) in defaults)
            all.TryAdd(option, value);
        return all;
    }
}

/// <summary>A place of the grid: runs that differ by their seeds alone.</summary>
/// <param name="Name">Unique within the sweep, made of what distinguishes the cell; safe in a path.</param>
/// <param name="Settings">Options of the command line, without dashes, with their values; no seed.</param>
/// <param name="Configuration">All settings resolved, with the first seed.</param>
public sealed record SweepCell(string Name, IReadOnlyDictionary<string, string> Settings, RunConfiguration Configuration)
{
    /// <summary>The cell's dropout.</summary>
    [JsonIgnore]
    public DropoutSettings Dropout { get; } = Configuration.ToDropout();

    /// <summary>The rule of its dropout.</summary>
    [JsonIgnore]
    public DropoutRule Rule => Dropout.Rule;
}

/// <summary>One training of a sweep.</summary>
/// <param name="Cell">What is trained.</param>
/// <param name="Seed">With which seed.</param>
public sealed record SweepRun(SweepCell Cell, ulong Seed)
{
    /// <summary>The name of the run's folder, as in standard-0.3-s1.</summary>
    public string Name => $"{Cell.Name}-s{Seed}";

    /// <summary>What config.json should say.</summary>
    public RunConfiguration Configuration => Cell.Configuration with { Seed = Seed };
}

/// <summary>
/// What a run's options are called and how their values are read. The command's own parser stands behind it, so that a sweep's
/// file knows exactly the options that the command line knows.
/// </summary>
public interface IRunSettings
{
    /// <summary>Names of all options that a result depends on, without dashes.</summary>
    IReadOnlyList<string> Options { get; }

    /// <summary>The option of one of the <see cref="SettingName"/>s; a name that is none's where it has no option.</summary>
    string OptionOf(string setting);

    /// <summary>What is wrong with a value in one line, or null.</summary>
    string? Mistake(string option, string value);

    /// <summary>
    /// The configuration that options and values mean, with everything else at its default and <c>auto</c> resolved.
    /// </summary>
    /// <exception cref="DropoutLabException">The values do not go together.</exception>
    RunConfiguration Configure(IEnumerable<KeyValuePair<string, string>> settings);
}
