namespace DropoutLab.Cli.Options;

/// <summary>The precisions that a command offers.</summary>
internal sealed class PrecisionChoice
{
    private readonly string[] names;

    private PrecisionChoice(string description, params string[] names)
    {
        Description = description;
        this.names = names;
    }

    /// <summary>For what is to be fast.</summary>
    public static PrecisionChoice Fastest { get; } = new(
        "What to compute in; auto: bf16 where the processor has AMX, else f32", "auto", "f32", "bf16");

    /// <summary>For what is to be checked: the same everywhere unless the user says otherwise.</summary>
    public static PrecisionChoice Checked { get; } =
        new("What to compute in; f64: on the reference backend", "f32", "f64", "bf16");

    public string Description { get; }

    public string Default => names[0];

    /// <summary>As the help lists them.</summary>
    public string Names => string.Join('|', names);

    /// <exception cref="DropoutLabException">The name is none of these.</exception>
    public string Read(string text) => names.Contains(text)
        ? text
        : throw new DropoutLabException(
            $"there is no precision '{text}': choose {string.Join(", ", names[..^1])} or {names[^1]}");
}
