using DropoutLab.Storage;

namespace DropoutLab.Experiments;

/// <summary>
/// A sweep's file as it is written, in YAML: what all runs have in common (<c>recipe</c>), the values to combine (<c>axes</c>),
/// further grids (<c>cells</c>), and <c>seeds</c>. Whether the options and values exist is <see cref="SweepPlan"/>'s to find out.
/// </summary>
/// <param name="Name">The sweep's name in tables.</param>
/// <param name="Recipe">What every run has unless its cell says otherwise.</param>
/// <param name="Grids">Their combinations together are the cells; at least one.</param>
/// <param name="Seeds">Each cell is run with each of them.</param>
public sealed record SweepFile(
    string Name, IReadOnlyList<SweepSetting> Recipe, IReadOnlyList<SweepGrid> Grids, IReadOnlyList<ulong> Seeds)
{
    /// <summary>What was read.</summary>
    public string Text { get; private init; } = "";

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mistakes">Gets what is wrong; the result is of use only if nothing is.</param>
    /// <exception cref="DropoutLabException">The file cannot be read.</exception>
    public static SweepFile Read(string path, ICollection<SweepMistake> mistakes)
    {
        try
        {
            return Parse(File.ReadAllText(path), Path.GetFileNameWithoutExtension(path), mistakes);
        }
        catch (Exception exception) when (FileFailure.Is(exception))
        {
            throw FileFailure.Reading(path, exception);
        }
    }

    /// <summary>Reads a text.</summary>
    /// <param name="yaml">The text.</param>
    /// <param name="defaultName">The sweep's name if the text gives none.</param>
    /// <param name="mistakes">Gets what is wrong.</param>
    public static SweepFile Parse(string yaml, string defaultName, ICollection<SweepMistake> mistakes) =>
        new SweepFileReader(mistakes).Read(yaml, defaultName) with { Text = yaml };
}

/// <summary>Options with values to combine, each value of one with each of the others.</summary>
/// <param name="Line">Where it begins in the sweep's file.</param>
/// <param name="Axes">For each option the values, in the file's order.</param>
public sealed record SweepGrid(int Line, IReadOnlyList<IReadOnlyList<SweepSetting>> Axes)
{
    /// <summary>Every combination, the last option's values changing fastest.</summary>
    public IEnumerable<IReadOnlyList<SweepSetting>> Combinations() => Axes.Aggregate(
        (IEnumerable<IReadOnlyList<SweepSetting>>)[[]],
        (rows, axis) => rows.SelectMany(row => axis, (row, value) => (IReadOnlyList<SweepSetting>)[.. row, value]));
}

/// <summary>A training option with a value, and where the sweep's file says so.</summary>
/// <param name="Option">The option's name on the command line, without dashes.</param>
/// <param name="Value">As the command line takes it.</param>
/// <param name="Line">In the file, from 1.</param>
public sealed record SweepSetting(string Option, string Value, int Line);

/// <summary>What is wrong with a sweep's file, and where.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Key">The key that it is about, or what stands in a key's place.</param>
/// <param name="Reason">What is wrong and what would be right, in one line.</param>
public sealed record SweepMistake(int Line, string Key, string Reason)
{
    /// <summary>As in: line 3, dropout: the reason.</summary>
    public override string ToString() => $"line {Line}, {Key}: {Reason.ReplaceLineEndings(" ")}";
}
