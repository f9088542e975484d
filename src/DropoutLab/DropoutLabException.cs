using System.Globalization;

namespace DropoutLab;

/// <summary>
/// An error that the user can mend: one line that says what was wrong, which value or file, and what would be right.
/// The command prints the message and exits with code 2.
/// </summary>
public sealed class DropoutLabException : Exception
{
    public DropoutLabException(string message) : base(message)
    {
    }

    public DropoutLabException(string message, Exception inner) : base(message, inner)
    {
    }

    /// <summary>What is wrong with a setting of a run.</summary>
    /// <param name="message">The line.</param>
    /// <param name="setting"><see cref="Setting"/>.</param>
    /// <param name="value"><see cref="Value"/>.</param>
    public DropoutLabException(string message, string? setting, object value) : base(message)
    {
        Setting = setting;
        Value = setting is null ? null : Convert.ToString(value, CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// The setting of a run that is at fault, by its <see cref="SettingName"/>, such as dropout_at; null where it is none.
    /// </summary>
    public string? Setting { get; }

    /// <summary>The value that it has, as in config.json; null where no setting is at fault.</summary>
    public string? Value { get; }

    /// <summary>The data set's file that is damaged or is not what its name says, where that is the error; else null.</summary>
    internal string? DamagedFile { get; init; }

    /// <summary>Reads a setting from its text, so that whatever is wrong with the text says which setting it is of.</summary>
    internal static T Reading<T>(string setting, string text, Func<string, T> read)
    {
        try
        {
            return read(text);
        }
        catch (DropoutLabException exception)
        {
            throw new DropoutLabException(exception.Message, setting, text);
        }
    }
}

/// <summary>The names of a run's settings in config.json and in messages.</summary>
public static class SettingName
{
    public const string Model = "model";
    public const string Dataset = "dataset";
    public const string Recipe = "recipe";
    public const string Dropout = "dropout";
    public const string DropoutAt = "dropout_at";
    public const string MaskSharing = "mask_sharing";
    public const string Epochs = "epochs";
    public const string BatchSize = "batch_size";
    public const string LearningRate = "learning_rate";
    public const string Objective = "objective";
    public const string LabelSmoothing = "label_smoothing";
    public const string Optimizer = "optimizer";
    public const string Momentum = "momentum";
    public const string WeightDecay = "weight_decay";
    public const string MaximumGradientNorm = "maximum_gradient_norm";
    public const string Augmentation = "augmentation";
    public const string Seed = "seed";
    public const string Precision = "precision";
    public const string Backend = "backend";
    public const string Threads = "threads";
}
