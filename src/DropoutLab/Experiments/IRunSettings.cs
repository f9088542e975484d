using DropoutLab.Runs;

namespace DropoutLab.Experiments;

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
