using System.Text.Json.Serialization;
using DropoutLab.Dropout;
using DropoutLab.Runs;

namespace DropoutLab.Experiments;

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
