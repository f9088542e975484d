using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace DropoutLab.Cli.Options;

/// <summary>
/// Makes options whose values the library reads itself, so that what is wrong with a value is said in the library's words. A
/// value that was not given is null: its default may be the model's or a run's own.
/// </summary>
internal static class CommandOption
{
    /// <summary>An option with one value.</summary>
    /// <param name="name">With its dashes.</param>
    /// <param name="value">What stands for the value in the help.</param>
    /// <param name="description">What it is, with units.</param>
    /// <param name="standard">The default, as the help says it.</param>
    /// <param name="read">Turns the text into the value; throws <see cref="DropoutLabException"/> if it cannot.</param>
    public static Option<T?> Create<T>(
        string name, string value, string description, string standard, Func<string, T> read) => new(name)
        {
            HelpName = value,
            Description = $"{description} [default: {standard}]",
            CustomParser = result => result.Tokens is [var token] ? Read(result, name, token.Value, read) : default,
        };

    /// <summary>A path that has to be given.</summary>
    public static Argument<string> PathArgument(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result => result.Tokens is [var token] ? Read(result, name, token.Value, Path) ?? "" : "",
    };

    /// <summary>An option that is there or not.</summary>
    public static Option<bool> Flag(string name, string description) => new(name) { Description = description };

    /// <summary>Reads a value, or makes what is wrong with it an error of the command line, which names the option.</summary>
    public static T? Read<T>(ArgumentResult result, string name, string text, Func<string, T> read)
    {
        try
        {
            return read(text);
        }
        catch (DropoutLabException exception)
        {
            result.AddError($"{name}: {exception.Message}");
            return default;
        }
    }

    /// <summary>A whole number within limits.</summary>
    public static Func<string, int?> WholeNumber(int smallest, int largest) => text =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= smallest
        && number <= largest
            ? number
            : throw new DropoutLabException($"'{text}' is not a whole number from {smallest} to {largest}");

    /// <summary>A seed: any whole number of 64 bits without a sign.</summary>
    public static ulong? Seed(string text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed)
        ? seed
        : throw new DropoutLabException($"'{text}' is not a whole number from 0 to {ulong.MaxValue}");

    /// <summary>A finite number above 0.</summary>
    public static double? PositiveNumber(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number > 0
        && double.IsFinite(number)
            ? number
            : throw new DropoutLabException($"'{text}' is not a positive number, such as 0.001");

    /// <summary>A finite number from 0 on.</summary>
    public static double? FromZero(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number >= 0
        && double.IsFinite(number)
            ? number
            : throw new DropoutLabException($"'{text}' is not a number from 0 on, such as 0.01");

    /// <summary>A path; what it must be is found out where it is used.</summary>
    public static string Path(string text) =>
        text.Length > 0 ? text : throw new DropoutLabException("a path is needed, it is empty");
}
